// For tests: files that PyTorch 1.13 wrote, gzipped, in base64. Made by
//
//   import torch; from collections import OrderedDict
//   base = torch.arange(12, dtype=torch.float32)
//   dtypes = "float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool".split()
//   sd = OrderedDict((t, torch.arange(-1, 2).to(getattr(torch, t))) for t in dtypes)
//   sd.update(whole=base, window=base[3:7], columns=base.view(3, 4).t(), every_third=base[1::3],
//             scalar=torch.tensor(7), empty=torch.zeros(0, 5), parameter=torch.nn.Parameter(torch.ones(2)))
//   sd._metadata = OrderedDict([("", {"version": 1})])
//   torch.save(sd, "sd.pth")
//   torch.save(sd, "sd4.pth", pickle_protocol=4)
//   torch.save(sd, "legacy.pth", _use_new_zipfile_serialization=False)
//   torch.manual_seed(0); m = torch.nn.Linear(2, 1); o = torch.optim.SGD(m.parameters(), 0.1, momentum=0.9)
//   m(torch.ones(1, 2)).sum().backward(); o.step()  # weight [[-0.1053, 0.2793]], bias [-0.6820]
//   torch.save({"model": m.state_dict(), "optimizer": o.state_dict(), "epoch": 3,
//               "best": torch.tensor(0.5), "name": "a"}, "checkpoint.pth")

import { gunzipSync } from "node:zlib";

const unpack = (base64: string): Buffer => gunzipSync(Buffer.from(base64, "base64"));

export const stateDict = unpack(`
H4sICGm2A2sCA3NkLnB0aACtlttv21Qcx+3cmiZlHXSwAmNsDFgLveTSpi20a5uWbMODpS7bsjIIbuI2YWmcn3PSrkBZYUu2ch2bhNCQAPHGGxKvSEPihddp2sQL
iIdJ8Lg/AAnOxXGOnV6IiqUj53I+n+/xOT4/Oy45XYLg9Qp1h1/YLRTTvWkFKT2Fs7lYtE2YqT9WHamUlsupKZTV8kXfcT2t6mp6MptCPhA6ZRA7Ek1YNpfTFBTp
A0cKaXoq05MsoWyu6Evq6mwpm0snkZovanpyMeQDZwdDirinMq+CiyG+Sa00m1On2a8+cCdE3CkAnoQTn1OFEjRJTgTeKUmQnGVolsQy+NYyZAx+BC0y3FcbSDAC
OzI4J1N1H1Fyc6a5lZqDsDNDjfcbxgeIsY0ZdyF4UIaHEmTaZqvK3RZlNMZ+NrXtVBuCh5n2EUP7KNHuYdrHEOyV4fGEG3fM5sl87bM4j2n5edO3n/rC8ATzHTB8
TxLfU8z3NIKDMnRUfeEQdFp8R/PI1D1DdX3wLNN1Gbpuouthul4EARmCVR2+5JBFN53R9JowTIX90MeE/YYwQoQDTDiIYEiG5xIuJhyE5y2+iYyim7phqovACNMd
MnSjRDfGdOMIojJM0PGVqG/SuiTLqHb/vEB9AxBjvsOG7wjxHWW+FxFIMhyjw5vVtBy8ZNXhn0zdy1Q3CMeZLm7opohOZrppBK/IcIIObymj5VQ4afHRG8YUnqLC
IUhgYQuC00TYUoYZInyVCc8geE2G1xMeIszm09oSJJkxcypjcG9MSU7JVQaFcLOMSyFIy6DS/YA3b2khX4Q5OzhPAl2SswIZSZRcFcgy+E0EZ2XIJfwYVhdVfTmJ
Mlk9DQt2QX6KcGXQyDwUGAwIdBmKdMTFlJJTdEAGtz/hILsuACWMiwgWcX5nJ8OWEJyTYZnOnLpQQMvwVjWNUUF4G1MCgnfIqAXJXYEVyS2JFXiXGc4jWJXhvUQz
7l1QdGVBRaoO729QjcwePrhgDQrBRRzkQFAmQY4yVMi8XmIhlxGsyfDBZfrlw0vwkQwfl1bgE5qaxEKFFFP4lP5/JUGKLHy2AlfpQuCpLOISCtcksVgszvbEpSav
uOf23dP4okmLb1iom4VAtVD3BmLRrvXK9IYHU9y7YVXeGyXxtw7ePdCOv5G2WXzQjA/Got0Nxc8IP2LFMEkLDl6XyH3h2TTNJ0RrafhqDzUWV3c0GV4ygsKdPzUS
6TVHIKw7grHaCPAFD29rBJtdaXstJxSL7hLWX7/VUdLI+K9MeW5bx7/+eo2bXqwd2d4Ert6opv/ytfD91uvXLEyY6eFYdHSbyzfzj3FU/SK3nm1fnv+5sfu3r+H7
t5otGpnXv5g43II/t2yROWJm9seiQ8I2rp9kk+Rv/16uNDb/kf9j/gWRhGd/+z1C3sOcW4R7zPCBWNQhbIMfZLzI+B8uXFxrjB9iPPuD7CG8rYUx3FZx+wa3n3D7
Aze8XYSduO3DLTBOws6tzB0KkJfPLSoV3b9GXd9o/4Z9xHjzq/kT5PnioEaRnEwn/xDw16Vwb+h2kC/fzRboO7dQe2LYMb4OW7EOTw0L2jG+ePos2Oc8ZsatX1r5
o72J4+ry+GJn5VZ5LmTn+DJlvbxfOa4O42uJFTvprWFhO8aXAyv2F4f12TF+L1uxM801rN+O8bvIit3hsMh/x6Z9NWzAjvF7zopd47BBO8bvHit2i8OG7Bi/Razr
PeYXuI0WlzyeLuOfvc5us1er7TzqZOer/uoDw0PfBW7uqD1I4pLbw5hW2p/1/RewV4XaMw8AAA==
`);

export const stateDictProtocol4 = unpack(`
H4sICGm2A2sCA3NkNC5wdGgArZbfixtVFMfvZJJJNsmy0oL2SQQfzGrdza/NZuna3U5LVEZq2kXBRQiTZHYnOJsJM5Ou+1AMaFcL8yDuVaSCim++Cb4KFXzxVYrF
F6WIoH3rH1DQc2fy49yZbNJ0vXCZX/fz/Z47954zU1XEKCGJBAm1NHmS2M3iclN11KXOO0ZFPkW2Q60X/fRy1AfcVMM0DK3htMy2Td3U61ZTs7TmpVbDoUd08SrN
uPEdw1SdUpG6ace0GvpSreu0DBh8qmZp9W7LaNYcrW2bVu1aHpgMEDYMVHc16sY8grrzl8xu3dC2+vePqCtkqSs2Ol2qiA69ohBFvEEV4Qa9qUfA1aFXad84V6J6
PJPRE/qcm3pFNXawSI7q88cLJOohhQW54t/CKvmJKrFWm81+FMRrZnsX44WpeCE/wpOvth1MF6fSOP70lm5aHL8ykY8CX0axX9RVC9Olye7dAC4fONwirk42r5um
gWm4xHR5svm+bhoamrq3cphfY3za59MhXtpvtZvm/kBgR98djBaVaHizQR509yAHwsOJElXEQwCU6CFGUto1zTqoOXrLao7BBM9F5GOyG6qhWoPRz7uRXJZNQvB8
Fhfx9LW9jnMw1IWR3mYnfkREiUFEMUXgIprrqJa6pzkaOMRQfo5uH2FBb99HfMFI8I185J19CGfd66BcA15lZYV6911C4W4cXoANlQNQ27brS1Ulnrj/5965t6C6
sF49tlAlyfKwUC1nK/ILY8rUsc2XeHCbl3ywwezvPPfXs2fgivVJ9tmRfa4in53Ffpv8ABLrzC1XvqVIcCFNdEuRC8gNZvvSTHahFu/rsgg6d/82mWViGAEZG8EG
igAmfO4kEUya6VPIJ1+RT5Ox69fbYJ3F//EV6Vc+/vHrtTnSBdn1E73A3u2B+89fke+mr1+SyCP3QkU+f7Ll2/633wb6AlrP01+899OM+7c46/4deAt9z1ufX3w5
7f09TPZcH3muVOQyefz5M2/m/M3Dg8MZ33/pf3j/RGDmrd//KIkgL04xj43MVyuyQE7Alz1e8Pnv3//g5oz8msf7D1gOQVqQTeg96F9D/xH6PehQcMgT0J+Bnr3A
zN69vnM+Cw+yUyqVn7/9un5M/haSTPGXL3ffiAAT8RQFdhhq4o9AOuSC/1CDJK7fSY76NkrQJyPI4UrMc5kY4nJBDtfPFMd9xnFDw/HlFbczEgZDjrji8WCPA/NB
EBcrfoq/YTDE4ZLCc2/GEVcIcrgs8Nw/mCsGOZzUPPd2AnErQQ7nE8/dxVzp0bmtOcStBjmcfzx3hLlykMOpxHN3MLcW5HDC8Au/mSQ47aqKJJ3tP3pafHE4bCFw
vCz6x0+Sg++H5P0a3JsffVeqSkzymQVvvD/2PxaL7SpCDgAA
`);

export const legacyStateDict = unpack(`
H4sICGm2A2sCA2xlZ2FjeS5wdGgAddVZd9tEFABgyUsWxYGwU9awOyxB3lUopGlDaFG3KCxiKUa2lUhFsXylUUIKBrPYTcu+PvHAIz+Cc8pP4ZU3XjmHc+COZiRb
4kQnk0Tjud+9nhmNBplrkvPPz+t/L1769cKR5UHm7J9Z/N0HoagvCILQ81zitl2nuWt6vu12QcQB+jx+4tiEOGbT7HZsowuZA13CTrLfM5u+fdn0IduHXFHPY6dv
uR6BvJrRs3hndwlMqTk9Rw23uw3Tai4IMGcb0zhmm2AWXzrvdUzP7KzZbSKBsKSBWNSnMWLLcQ1Sr0KmTVyvbS03A2I7vtT0zFZgO50mMbu+6zV3yxJkiyzEx5HG
tgk5FiKtuUHLMTdZrwR5fRYHlRuVSqMul+owFVbZ7gVYWPYcgZkNVVCzQ5hVxSFIVy1azByBggbz44ow7gYLE1pRklOGsxWnuDFKoVQrZUWGBYvRN3H6Zkrfwuhb
Cdymwe36DEa0IvuOhH1inXXH/p0TvtIowxHu38X9u6l/D/PvJXCfBveHC4NLgVO5mMDP4JLE8APjuamVamV4kMMPcfhhCj/C4EcJPKZBMYIrZVhKwKe7JHYfj916
lc75E9x9krtPUXeZuU8TkDUoRS6OLifcTbq7YrkyIddlBapcrnG5TuUGkxUCRzV4JtyJKCvwbAI+aRle7B4bu7WyLMNz3H2euyvUPc7cVQInNDgZVhyE8Fpy/fbJ
ePu9wOBSqaZUZYTXOfwih09R+DSDXyKganAmLLjlug6cTbrYFbvnJlycZDjP3Qvc3aCuxtxNAi9r8EpY8J7lOia8moDD/RbLr42noq7gbtZRLqD8OpULQ3iDym8y
+S0CFzV4W5+ist3tuHvQZLSVZt7hjLGhZtXcEFqUaTOmQ8DUYCt83vCUCHa6Pmwf4ljcsWk5OTU7gkuqqOZG8C6zHAI7GnT1OYwy8VTbbxLL9jrgHuL1uEdnjNbl
0dnzmUUIBBrshl/PbxuO4cEeZ8aPTr1SqyvwHjIiMvtY1tISC79M4H0NPgjn3dzpkX3o/7+Imqwo8CFGCxj9Ef1SgpofwUDNq+IIPmbSJwQ+1eCzMKpneMaOSUwP
hocckvEICUbJhLhdjsoNuQpXMGEGEx7QhJkhXKWrcY0l+5zAFxp8eRDefHUFvtbgm6AP34ZEE2GjYxADvgs//17HTgF+6MOP4fJF75GfVNH3/Rae+xfpuyb5EIip
zZtJVZdNTW4udZ7kU6fAVGo6p1NP80xqzWdT556UekfMpQ70QuoAnjeX6UuEXv8KYvSvKIgZIboGK7SJ/G6a/42j8GIhk33sPjVSEAvC5EVh4Tj+YBtg+wXb79j+
wCasCsICtkVs8upksihhlHQyBbv+ui4k71fiz3/Ddiy6G1ynNfwH/tsC4VgIAAA=
`);

export const checkpoint = unpack(`
H4sICGm2A2sCA2NoZWNrcG9pbnQucHRoAKWVW28TRxTHZ+1k7RhISMK1XMqt4HBxEju0hBJSXOogjUSNAWmFhFbj9cS7sPb67M6GtpIlHgApT6A+FMEDEhKPfUOq
hMTlpY/tAxIV/RA88QmYi0nX61CEGWl3pN3zm/85/zmzW8bJAYTSadQzxtEIsmxqXW15TpNN1ggjudZVt1Rcgy79N64n2oCyxiAHGl6NuqBZlue61GKO1wwyP/o1
6tPaacdiGUhMVCCZNXQee406dZvBgMU837JzZsgcN8iYPq2GjlszGW0Gnm8u5TMwmM0aKU4EPJLUKegKyZRcj7Dz6mEGUobGY6YgbST5bLVCGMIJBplzGGENJ27B
GpzA2i1Yu2yLLNYxGK7AiMFLR1WHBLDe5jq2bqt1pmHUHsIagzHJ34Rxcdug2I0MNlVgc9iGLcYQDzYblBHhDmyV778whHuwrQ3bZeJL1A+4F7ADa0EQVCXjtZjT
cH6hPuxsw5fKvoARRmFXG3ZnMWrDHmNEetqgTRY2zGq4uMjD93blmYd9tqzzq5U696s6D6hcswz4/WCAtTYcsrvhAhxWRR7pFJkTt0kFTjGYrkA+CI21PLRFfNIw
674XtgIoXIaZNhzNGgn+xvXh64X5J/fEuG+kIxnDNwvzb/4S429Zco00WrTpNOtwDCO5quoBs0Yt8jPM8ocCb9KAUd9bguPLajnyk3QKvl2Wbi56PiWWDSfOGsNi
VUfYwgUdUnUpzC3L7pL5BnDyMsxnRW00JKH0mLY8zn6Hk2rnuRac6jJlBorKlO+5KRMTyozTDH6oQEkyTdKgsCBjCZwJc2WcSru/Tj5Gou/4Vf7geRpFp+LnaXKq
VJyLnqZPH+aj18+c5O2TIo/Hfzy/IYTF9X95zPbkMV0qHu0vD/xb7oXQPm9t+lP4M/AR7bke7XypONu/BwhdnxeXyOHOOf2f/uov9F3/e+0rVx7+3l/9M59ZP5L6
u9/uuftx/TF0Iqrf+TSVisf6TqCQEeovH9Qvis9BQqprYlrRj56O8Z6MVvnDxBeItvVoF1xOot4jFcejndmN/7sKPh3Ho03VjV8Y6MXzcTzaFzH1VfBCHI9ua0x9
sBefiePRfRnrwl91451OKGNdP9yJ2Jk8shKdis1PNTVX9M5GYF2+Gu7oavLZoK6YlIxXse8AXHtjWnAIAAA=
`);

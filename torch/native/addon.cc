// The table of what the addon offers: one file per concern.
#include "environment.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment());  // deleted with the environment, and with it every tensor it still has
  initDispatch(env, exports);
  initAutograd(env, exports);
  initBuffer(env, exports);
  initGenerator(env, exports);
  initRuntime(env, exports);
  return exports;
}

NODE_API_MODULE(addon, init)

// The addon's exports: one file per concern.
#include "environment.h"

#include <c10/util/Logging.h>

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  c10::SetStackTraceFetcher([] { return std::string(); });  // stack traces are not shown, and each would take milliseconds
  keepFreedMemory();
  guardMemory();
  env.SetInstanceData(new Environment());  // deleted with the environment, together with its remaining tensors
  initDispatch(env, exports);
  initDistributed(env, exports);
  initAutograd(env, exports);
  initBuffer(env, exports);
  initGenerator(env, exports);
  initProfile(env, exports);
  initRuntime(env, exports);
  return exports;
}

NODE_API_MODULE(addon, init)

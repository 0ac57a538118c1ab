// Seeded random generators on any device: clones of the device's default one, so that no CUDA header is needed.
#include "environment.h"

#include <ATen/Context.h>

static Napi::Value createGenerator(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, "generator", [&]() -> Napi::Value {
    c10::Device device(info[0].ToString().Utf8Value());
    if (device.is_cuda() && !device.has_index()) device.set_index(0);
    auto generator = at::globalContext().defaultGenerator(device).clone();
    generator.set_current_seed(static_cast<uint64_t>(info[1].ToNumber().Int64Value()));
    return Napi::Number::New(env, Environment::of(env).generators.add(generator));
  });
}

static Napi::Value releaseGenerator(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), Environment::of(info.Env()).generators.remove(info[0].ToNumber().DoubleValue()));
}

// The whole state as a uint8 tensor, for checkpoints.
static Napi::Value generatorState(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "generator", [&]() -> Napi::Value {
    Environment& environment = Environment::of(info.Env());
    return environment.wrap(info.Env(), environment.generator(info[0]).get_state());
  });
}

static Napi::Value setGeneratorState(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "generator", [&]() -> Napi::Value {
    Environment& environment = Environment::of(info.Env());
    environment.generator(info[0]).set_state(environment.tensor(info[1]));
    return info.Env().Undefined();
  });
}

void initGenerator(Napi::Env env, Napi::Object exports) {
  exports.Set("createGenerator", Napi::Function::New(env, createGenerator));
  exports.Set("releaseGenerator", Napi::Function::New(env, releaseGenerator));
  exports.Set("generatorState", Napi::Function::New(env, generatorState));
  exports.Set("setGeneratorState", Napi::Function::New(env, setGeneratorState));
}

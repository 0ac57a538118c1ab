// Gradients: the functions of autograd that are not operators.
#include "environment.h"

#include <torch/csrc/autograd/autograd.h>

static std::vector<at::Tensor> tensors(Environment& environment, const Napi::Value& value) {
  std::vector<at::Tensor> list;
  if (!value.IsArray()) return list;
  auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value item = array.Get(i);
    list.push_back(item.IsNull() || item.IsUndefined() ? at::Tensor() : environment.tensor(item));
  }
  return list;
}

// backward(roots[], rootGradients[]): accumulates into `grad` of the leaves.
static Napi::Value backward(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, "backward", [&]() -> Napi::Value {
    Environment& environment = Environment::of(env);
    torch::autograd::backward(tensors(environment, info[0]), tensors(environment, info[1]));
    return env.Undefined();
  });
}

// grad(outputs[], inputs[], outputGradients[], { retainGraph, createGraph }) → gradients, null where an input is not used.
static Napi::Value grad(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, "grad", [&]() -> Napi::Value {
    Environment& environment = Environment::of(env);
    auto results = torch::autograd::grad(tensors(environment, info[0]), tensors(environment, info[1]), tensors(environment, info[2]),
                                         info[3].ToBoolean(), info[4].ToBoolean(), /*allow_unused=*/true);
    auto array = Napi::Array::New(env, results.size());
    for (size_t i = 0; i < results.size(); i++) array.Set(static_cast<uint32_t>(i), environment.wrap(env, results[i]));
    return array;
  });
}

static Napi::Value setRequiresGrad(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "requiresGrad", [&]() -> Napi::Value {
    at::Tensor& tensor = Environment::of(info.Env()).tensor(info[0]);
    bool value = info[1].ToBoolean();
    if (!value && !tensor.is_leaf()) throw std::invalid_argument("expected a leaf, got the result of an operator; detach() it instead");
    tensor.set_requires_grad(value);
    return info.Env().Undefined();
  });
}

static Napi::Value getGrad(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "grad", [&]() -> Napi::Value {
    Environment& environment = Environment::of(info.Env());
    return environment.wrap(info.Env(), environment.tensor(info[0]).grad());
  });
}

static Napi::Value setGrad(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "grad", [&]() -> Napi::Value {
    Environment& environment = Environment::of(info.Env());
    at::Tensor& tensor = environment.tensor(info[0]);
    at::Tensor gradient = info[1].IsNull() ? at::Tensor() : environment.tensor(info[1]);
    bool fits = !gradient.defined() || (gradient.sizes() == tensor.sizes() && gradient.scalar_type() == tensor.scalar_type());
    if (gradient.is_same(tensor)) throw std::invalid_argument("expected another tensor than itself");  // it would never be released
    if (!fits) throw std::invalid_argument("expected a gradient like its tensor, " + describe(tensor) + ", got " + describe(gradient));
    tensor.mutable_grad() = gradient;
    return info.Env().Undefined();
  });
}

// gradMode(enabled) → the previous mode. libtorch keeps it per thread, so every worker has its own.
static Napi::Value gradMode(const Napi::CallbackInfo& info) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(info[0].ToBoolean());
  return Napi::Boolean::New(info.Env(), before);
}

void initAutograd(Napi::Env env, Napi::Object exports) {
  exports.Set("backward", Napi::Function::New(env, backward));
  exports.Set("grad", Napi::Function::New(env, grad));
  exports.Set("setRequiresGrad", Napi::Function::New(env, setRequiresGrad));
  exports.Set("getGrad", Napi::Function::New(env, getGrad));
  exports.Set("setGrad", Napi::Function::New(env, setGrad));
  exports.Set("gradMode", Napi::Function::New(env, gradMode));
}

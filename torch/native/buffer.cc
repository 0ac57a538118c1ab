// Copies tensors from and to JavaScript's memory, and describes them.
#include "environment.h"

#include <cmath>

// fromBuffer(bytes: Uint8Array, shape, dtype, device) → handle; the bytes are copied.
static Napi::Value fromBuffer(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, "tensor", [&]() -> Napi::Value {
    if (!info[0].IsTypedArray() || !info[1].IsArray()) throw std::invalid_argument("expected a Uint8Array and a shape");
    auto bytes = info[0].As<Napi::Uint8Array>();
    auto dtype = dtypeOf(info[2]);
    auto array = info[1].As<Napi::Array>();
    std::vector<int64_t> shape;
    double count = 1;
    for (uint32_t i = 0; i < array.Length(); i++) {
      double size = array.Get(i).IsNumber() ? array.Get(i).As<Napi::Number>().DoubleValue() : -1;
      if (!(size >= 0 && size <= 9007199254740992.0 && std::floor(size) == size)) throw std::invalid_argument("expected a shape of integers of at least 0");
      shape.push_back(static_cast<int64_t>(size));
      count *= size;
    }
    if (count * c10::elementSize(dtype) != static_cast<double>(bytes.ByteLength()))
      throw std::invalid_argument("the data has " + std::to_string(bytes.ByteLength()) + " bytes, its shape and dtype need " +
                                  std::to_string(static_cast<long long>(count * c10::elementSize(dtype))));
    auto tensor = at::empty(shape, at::TensorOptions().dtype(dtype));
    if (bytes.ByteLength() > 0) std::memcpy(tensor.data_ptr(), bytes.Data(), bytes.ByteLength());
    c10::Device device(info[3].ToString().Utf8Value());
    return Environment::of(env).wrap(env, device.is_cpu() ? tensor : tensor.to(device));
  });
}

// toBuffer(tensor) → ArrayBuffer: a contiguous copy of its values.
static Napi::Value toBuffer(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, "data", [&]() -> Napi::Value {
    at::Tensor tensor = Environment::of(env).tensor(info[0]).detach().to(at::kCPU).contiguous().resolve_conj().resolve_neg();
    auto buffer = Napi::ArrayBuffer::New(env, tensor.nbytes());
    if (tensor.nbytes() > 0) std::memcpy(buffer.Data(), tensor.data_ptr(), tensor.nbytes());
    return buffer;
  });
}

static Napi::Array numbers(Napi::Env env, at::IntArrayRef values) {
  auto array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); i++) array.Set(static_cast<uint32_t>(i), static_cast<double>(values[i]));
  return array;
}

static Napi::Value shape(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "shape", [&]() -> Napi::Value { return numbers(info.Env(), Environment::of(info.Env()).tensor(info[0]).sizes()); });
}

// describe(tensor) → { dtype, device, strides, requiresGrad, isLeaf }
static Napi::Value describeTensor(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, "describe", [&]() -> Napi::Value {
    const at::Tensor& tensor = Environment::of(env).tensor(info[0]);
    auto result = Napi::Object::New(env);
    result.Set("dtype", dtypeName(tensor.scalar_type()));
    result.Set("device", tensor.device().str());
    result.Set("strides", numbers(env, tensor.strides()));
    result.Set("requiresGrad", tensor.requires_grad());
    result.Set("isLeaf", tensor.is_leaf());
    return result;
  });
}

static Napi::Value release(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), Environment::of(info.Env()).tensors.remove(info[0].ToNumber().DoubleValue()));
}

void initBuffer(Napi::Env env, Napi::Object exports) {
  exports.Set("fromBuffer", Napi::Function::New(env, fromBuffer));
  exports.Set("toBuffer", Napi::Function::New(env, toBuffer));
  exports.Set("shape", Napi::Function::New(env, shape));
  exports.Set("describe", Napi::Function::New(env, describeTensor));
  exports.Set("release", Napi::Function::New(env, release));
}

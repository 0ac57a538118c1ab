#include "environment.h"

#include <c10/util/Exception.h>

#include <optional>
#include <sstream>

// The handle of `value`, or nothing when it is not a tensor or generator.
static std::optional<double> handleOf(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  Napi::Value handle = value.As<Napi::Object>().Get("handle");
  if (!handle.IsNumber()) return std::nullopt;
  return handle.As<Napi::Number>().DoubleValue();
}

at::Tensor& Environment::tensor(const Napi::Value& value) {
  auto handle = handleOf(value);
  if (!handle) throw std::invalid_argument("expected a tensor");
  if (generators.find(*handle) != nullptr) throw std::invalid_argument("expected a tensor, got a generator");
  at::Tensor* found = tensors.find(*handle);
  if (found == nullptr) throw std::invalid_argument("expected a live tensor, got one that was released (by its scope or by release())");
  return *found;
}

at::Generator& Environment::generator(const Napi::Value& value) {
  auto handle = handleOf(value);
  at::Generator* found = handle ? generators.find(*handle) : nullptr;
  if (found == nullptr) throw std::invalid_argument("expected a generator");
  return *found;
}

const char* dtypeName(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat: return "float32";
    case at::kDouble: return "float64";
    case at::kHalf: return "float16";
    case at::kBFloat16: return "bfloat16";
    case at::kLong: return "int64";
    case at::kInt: return "int32";
    case at::kShort: return "int16";
    case at::kChar: return "int8";
    case at::kByte: return "uint8";
    case at::kBool: return "bool";
    default: return c10::toString(dtype);
  }
}

at::ScalarType dtypeOf(const Napi::Value& name) {
  std::string text = name.IsString() ? name.As<Napi::String>().Utf8Value() : "";
  for (auto dtype : {at::kFloat, at::kDouble, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort, at::kChar, at::kByte, at::kBool})
    if (text == dtypeName(dtype)) return dtype;
  throw std::invalid_argument("expected a dtype such as float32" + (text.empty() ? text : ", got " + text));
}

std::string describe(const at::Tensor& tensor) {
  if (!tensor.defined()) return "undefined";
  std::ostringstream text;
  text << dtypeName(tensor.scalar_type()) << "[";
  for (int64_t i = 0; i < tensor.dim(); i++) text << (i ? ", " : "") << tensor.size(i);
  text << "]";
  if (!tensor.is_cpu()) text << " on " << tensor.device().str();
  return text.str();
}

std::string plainMessage(const std::exception& error) {
  std::string text;
  if (auto* torchError = dynamic_cast<const c10::Error*>(&error)) {
    text = torchError->what_without_backtrace();
  } else {
    text = error.what();
  }
  return text.substr(0, text.find('\n'));
}

#include "environment.h"

#include <c10/util/Exception.h>

#include <sstream>

static double handleOf(const Napi::Value& value) {
  if (value.IsNumber()) return value.As<Napi::Number>().DoubleValue();
  if (value.IsObject()) {
    Napi::Value handle = value.As<Napi::Object>().Get("handle");
    if (handle.IsNumber()) return handle.As<Napi::Number>().DoubleValue();
  }
  return -1;
}

at::Tensor& Environment::tensor(const Napi::Value& value) {
  if (!value.IsNumber() && !value.IsObject()) throw std::invalid_argument("expected a tensor");
  at::Tensor* found = tensors.find(handleOf(value));
  if (found == nullptr) throw std::invalid_argument("expected a live tensor, got one that was released (by its scope or by release())");
  return *found;
}

at::Generator& Environment::generator(const Napi::Value& value) {
  at::Generator* found = generators.find(handleOf(value));
  if (found == nullptr) throw std::invalid_argument("expected a live generator");
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

c10::optional<int64_t> enumeration(const std::string& name) {
  static const std::unordered_map<std::string, int64_t> values = [] {
    std::unordered_map<std::string, int64_t> map;
    for (auto dtype : {at::kFloat, at::kDouble, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort, at::kChar, at::kByte, at::kBool})
      map[dtypeName(dtype)] = static_cast<int64_t>(dtype);
    map["strided"] = static_cast<int64_t>(at::kStrided);
    map["contiguous_format"] = static_cast<int64_t>(at::MemoryFormat::Contiguous);
    map["preserve_format"] = static_cast<int64_t>(at::MemoryFormat::Preserve);
    map["channels_last"] = static_cast<int64_t>(at::MemoryFormat::ChannelsLast);
    return map;
  }();
  auto found = values.find(name);
  if (found == values.end()) return c10::nullopt;
  return found->second;
}

at::ScalarType dtypeOf(const Napi::Value& name) {
  std::string text = name.ToString().Utf8Value();
  auto value = enumeration(text);
  bool named = value.has_value() && *value >= 0 && *value < static_cast<int64_t>(at::ScalarType::NumOptions) &&
               text == dtypeName(static_cast<at::ScalarType>(*value));
  if (!named) throw std::invalid_argument("expected a dtype such as float32, got " + text);
  return static_cast<at::ScalarType>(*value);
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

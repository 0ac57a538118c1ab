#include "convert.h"

#include <cmath>
#include <sstream>

static const char* kindOf(const Napi::Value& value) {
  switch (value.Type()) {
    case napi_undefined: return "undefined";
    case napi_null: return "null";
    case napi_boolean: return "a boolean";
    case napi_number: return "a number";
    case napi_string: return "a string";
    case napi_bigint: return "a bigint";
    case napi_function: return "a function";
    default: return value.IsArray() ? "an array" : "an object";
  }
}

[[noreturn]] static void mismatch(const std::string& expected, const Napi::Value& value) {
  std::string got = kindOf(value);
  if (value.IsNumber() || value.IsString()) got += " (" + value.ToString().Utf8Value() + ")";
  throw std::invalid_argument("expected " + expected + ", got " + got);
}

static int64_t toInt(const Napi::Value& value, const std::string& expected) {
  if (value.IsNumber()) {
    double number = value.As<Napi::Number>().DoubleValue();
    if (std::nearbyint(number) == number && std::fabs(number) <= 9007199254740992.0) return static_cast<int64_t>(number);
  } else if (value.IsBigInt()) {
    bool lossless;
    int64_t number = value.As<Napi::BigInt>().Int64Value(&lossless);
    if (lossless) return number;
  } else if (value.IsBoolean()) {
    return value.As<Napi::Boolean>().Value() ? 1 : 0;
  }
  mismatch(expected, value);
}

static int64_t toLayout(const Napi::Value& value) {
  if (value.IsString() && value.As<Napi::String>().Utf8Value() == "strided") return static_cast<int64_t>(at::kStrided);
  mismatch("the layout strided", value);
}

static int64_t toMemoryFormat(const Napi::Value& value) {
  std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  if (name == "contiguous_format") return static_cast<int64_t>(at::MemoryFormat::Contiguous);
  if (name == "preserve_format") return static_cast<int64_t>(at::MemoryFormat::Preserve);
  if (name == "channels_last") return static_cast<int64_t>(at::MemoryFormat::ChannelsLast);
  mismatch("contiguous_format, preserve_format or channels_last", value);
}

static double toDouble(const Napi::Value& value, const std::string& expected) {
  if (!value.IsNumber()) mismatch(expected, value);
  return value.As<Napi::Number>().DoubleValue();
}

static bool toBool(const Napi::Value& value, const std::string& expected) {
  if (!value.IsBoolean()) mismatch(expected, value);
  return value.As<Napi::Boolean>().Value();
}

// Integral numbers become integers, like 2 rather than 2.0 in Python, so that an int64 tensor plus 2 stays int64.
static c10::Scalar toScalar(const Napi::Value& value, const std::string& expected) {
  if (value.IsBoolean()) return c10::Scalar(value.As<Napi::Boolean>().Value());
  if (value.IsBigInt()) return c10::Scalar(toInt(value, expected));
  double number = toDouble(value, expected);
  if (std::nearbyint(number) == number && std::fabs(number) <= 9007199254740992.0 && !(number == 0 && std::signbit(number)))
    return c10::Scalar(static_cast<int64_t>(number));
  return c10::Scalar(number);
}

static c10::IValue convert(Environment& environment, const Napi::Value& value, const c10::TypePtr& type, const std::string& expected);

// A schema's int[2] takes two numbers, or one for both; an empty list only if that is the default. Kernels rely on this without
// checking. int[1] stands for any number of them ("dim").
template <typename T, typename F>
static c10::List<T> toList(const Napi::Value& value, const c10::Argument& argument, const std::string& expected, F element) {
  c10::List<T> list;
  uint32_t fixed = argument.N() ? static_cast<uint32_t>(*argument.N()) : 0;
  if (value.IsArray()) {
    auto array = value.As<Napi::Array>();
    uint32_t length = array.Length();
    bool emptyByDefault = argument.default_value() && argument.default_value()->isList() && argument.default_value()->toListRef().empty();
    if (fixed > 1 && length != fixed && length != 1 && !(length == 0 && emptyByDefault))
      throw std::invalid_argument("expected " + expected + ", got an array of " + std::to_string(length));
    for (uint32_t i = 0; i < length; i++) list.push_back(element(array.Get(i)));
  } else {
    if (fixed == 0) mismatch(expected, value);
    list.push_back(element(value));
  }
  while (list.size() == 1 && fixed > 1) list.resize(fixed, list.get(0));
  return list;
}

static c10::IValue convertList(Environment& environment, const Napi::Value& value, const c10::Argument& argument,
                               const c10::TypePtr& element, const std::string& expected) {
  switch (element->kind()) {
    case c10::TypeKind::TensorType:
      if (!value.IsArray()) mismatch(expected, value);
      return toList<at::Tensor>(value, argument, expected, [&](Napi::Value item) { return environment.tensor(item); });
    case c10::TypeKind::OptionalType: {  // Tensor?[]: indices, some of them null
      if (!value.IsArray()) mismatch(expected, value);
      return toList<c10::optional<at::Tensor>>(value, argument, expected, [&](Napi::Value item) -> c10::optional<at::Tensor> {
        if (item.IsNull() || item.IsUndefined()) return c10::nullopt;
        return environment.tensor(item);
      });
    }
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
      return toList<int64_t>(value, argument, expected, [&](Napi::Value item) { return toInt(item, expected); });
    case c10::TypeKind::FloatType:
      return toList<double>(value, argument, expected, [&](Napi::Value item) { return toDouble(item, expected); });
    case c10::TypeKind::BoolType:
      return toList<bool>(value, argument, expected, [&](Napi::Value item) { return toBool(item, expected); });
    case c10::TypeKind::NumberType:
      return toList<c10::Scalar>(value, argument, expected, [&](Napi::Value item) { return toScalar(item, expected); });
    case c10::TypeKind::StringType:
      return toList<std::string>(value, argument, expected, [&](Napi::Value item) {
        if (!item.IsString()) mismatch(expected, item);
        return item.As<Napi::String>().Utf8Value();
      });
    default:
      throw std::invalid_argument("lists of " + element->str() + " cannot be passed from JavaScript");
  }
}

c10::IValue toIValue(Environment& environment, const Napi::Value& value, const c10::Argument& argument) {
  c10::TypePtr type = argument.real_type();  // type() says int for dtypes, layouts and memory formats
  std::string expected = type->str();
  if (size_t at = expected.find("SymInt"); at != std::string::npos) expected.replace(at, 6, "int");  // the type of sizes in later versions of PyTorch
  if (argument.N()) expected.insert(expected.find("[]") + 1, std::to_string(*argument.N()));
  if (type->kind() == c10::TypeKind::OptionalType) {
    if (value.IsNull() || value.IsUndefined()) return c10::IValue();
    type = type->castRaw<c10::OptionalType>()->getElementType();
  }
  if (type->kind() == c10::TypeKind::ListType)
    return convertList(environment, value, argument, type->castRaw<c10::ListType>()->getElementType(), expected);
  return convert(environment, value, type, expected);
}

static c10::IValue convert(Environment& environment, const Napi::Value& value, const c10::TypePtr& type, const std::string& expected) {
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      if (!value.IsObject() || value.IsArray()) mismatch("a tensor", value);
      return environment.tensor(value);
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
      return toInt(value, expected);
    case c10::TypeKind::ScalarTypeType: return static_cast<int64_t>(dtypeOf(value));
    case c10::TypeKind::LayoutType: return toLayout(value);
    case c10::TypeKind::MemoryFormatType: return toMemoryFormat(value);
    case c10::TypeKind::FloatType: return toDouble(value, expected);
    case c10::TypeKind::BoolType: return toBool(value, expected);
    case c10::TypeKind::NumberType: return toScalar(value, expected);
    case c10::TypeKind::StringType:
      if (!value.IsString()) mismatch(expected, value);
      return value.As<Napi::String>().Utf8Value();
    case c10::TypeKind::DeviceObjType:
      if (!value.IsString()) mismatch("a device such as \"cpu\"", value);
      return c10::Device(value.As<Napi::String>().Utf8Value());
    case c10::TypeKind::GeneratorType:
      return environment.generator(value);
    default:
      throw std::invalid_argument("values of type " + type->str() + " cannot be passed from JavaScript");
  }
}

// A dtype is an int in an IValue; only the schema tells them apart.
static bool isDtype(const c10::IValue& value, const c10::Argument& argument) {
  c10::TypePtr type = argument.real_type();
  if (type->kind() == c10::TypeKind::OptionalType) type = type->castRaw<c10::OptionalType>()->getElementType();
  return value.isInt() && type->kind() == c10::TypeKind::ScalarTypeType;
}

Napi::Value fromIValue(Environment& environment, Napi::Env env, const c10::IValue& value, const c10::Argument& argument) {
  if (isDtype(value, argument)) return Napi::String::New(env, dtypeName(static_cast<at::ScalarType>(value.toInt())));
  if (value.isTensor()) return environment.wrap(env, value.toTensor());
  if (value.isNone()) return env.Null();
  if (value.isBool()) return Napi::Boolean::New(env, value.toBool());
  if (value.isInt()) return Napi::Number::New(env, static_cast<double>(value.toInt()));
  if (value.isDouble()) return Napi::Number::New(env, value.toDouble());
  if (value.isString()) return Napi::String::New(env, value.toStringRef());
  if (value.isDevice()) return Napi::String::New(env, value.toDevice().str());
  if (value.isList()) {
    auto list = value.toListRef();
    auto array = Napi::Array::New(env, list.size());
    for (size_t i = 0; i < list.size(); i++) array.Set(static_cast<uint32_t>(i), fromIValue(environment, env, list[i], argument));
    return array;
  }
  throw std::invalid_argument("results of type " + value.tagKind() + " cannot be passed to JavaScript");
}

std::string describe(const c10::IValue& value, const c10::Argument& argument) {
  if (isDtype(value, argument)) return dtypeName(static_cast<at::ScalarType>(value.toInt()));
  if (value.isTensor()) return describe(value.toTensor());
  std::ostringstream text;
  if (value.isTensorList()) {
    auto list = value.toTensorVector();
    text << "[";
    for (size_t i = 0; i < list.size() && i < 4; i++) text << (i ? ", " : "") << describe(list[i]);
    text << (list.size() > 4 ? ", …]" : "]");
  } else if (value.isList() && !value.isIntList() && !value.isDoubleList() && !value.isBoolList()) {
    text << "a list of " << value.toListRef().size();
  } else if (value.isGenerator()) {
    text << "a generator";
  } else {
    text << value;
  }
  constexpr size_t kLongest = 120;
  return text.str().size() > kLongest ? text.str().substr(0, kLongest) + "…" : text.str();
}

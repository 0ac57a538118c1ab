// Calls any registered operator through the boxed dispatcher, with autograd.
#include "checks.h"
#include "convert.h"

#include <sstream>

// lookup("aten::add", "Tensor") → { index, schema, returns: ["Tensor"] }; throws when there is no such operator.
static Napi::Value lookup(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string name = info[0].ToString(), overload = info[1].ToString();
  return guarded(env, name.c_str(), [&]() -> Napi::Value {
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!found) throw std::invalid_argument("the linked libtorch has no operator \"" + name + (overload.empty() ? "" : "." + overload) + "\"");
    if (found->schema().is_vararg() || found->schema().is_varret()) throw std::invalid_argument("operators without a fixed list of arguments and results cannot be called");
    auto& operators = Environment::of(env).operators;
    operators.push_back(*found);
    auto result = Napi::Object::New(env);
    result.Set("index", static_cast<double>(operators.size() - 1));
    std::ostringstream schema;
    schema << found->schema();
    result.Set("schema", schema.str());
    auto returns = Napi::Array::New(env);
    for (const auto& value : found->schema().returns()) returns.Set(returns.Length(), value.type()->str());
    result.Set("returns", returns);
    return result;
  });
}

static std::string describeStack(const c10::FunctionSchema& schema, const std::vector<c10::IValue>& stack, size_t count) {
  std::ostringstream text;
  for (size_t i = 0; i < count; i++) text << (i ? ", " : "") << schema.arguments()[i].name() << " " << describe(stack[i], schema.arguments()[i]);
  return text.str();
}

// call(index, [positional…], { keyword: … } | undefined) → array of results.
static Napi::Value call(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Environment& environment = Environment::of(env);
  auto index = info[0].As<Napi::Number>().Uint32Value();
  if (index >= environment.operators.size() || !info[1].IsArray()) throw Napi::Error::New(env, "call: expected an operator from lookup and an array of arguments");
  const c10::OperatorHandle& op = environment.operators[index];
  const c10::FunctionSchema& schema = op.schema();
  return guarded(env, schema.name().c_str(), [&]() -> Napi::Value {
    auto positional = info[1].As<Napi::Array>();
    bool hasKeywords = info[2].IsObject();
    auto keywords = hasKeywords ? info[2].As<Napi::Object>() : Napi::Object::New(env);
    const auto& arguments = schema.arguments();
    if (positional.Length() > arguments.size())
      throw std::invalid_argument("expected at most " + std::to_string(arguments.size()) + " arguments, got " + std::to_string(positional.Length()));

    std::vector<c10::IValue> stack;
    stack.reserve(std::max(arguments.size(), schema.returns().size()));
    uint32_t keywordsUsed = 0;
    for (uint32_t i = 0; i < arguments.size(); i++) {
      const c10::Argument& argument = arguments[i];
      Napi::Value value = i < positional.Length() ? positional.Get(i) : env.Undefined();
      if (i >= positional.Length() && hasKeywords && keywords.Has(argument.name())) {
        value = keywords.Get(argument.name());
        keywordsUsed++;
      }
      if (value.IsUndefined() && argument.default_value()) {
        stack.push_back(*argument.default_value());
        continue;
      }
      try {
        c10::IValue converted = toIValue(environment, value, argument);
        checkArgument(schema, argument, converted);
        stack.push_back(std::move(converted));
      } catch (const std::exception& error) {
        std::string before = describeStack(schema, stack, stack.size());
        throw std::invalid_argument("argument " + argument.name() + ": " + plainMessage(error) + (before.empty() ? "" : "; after " + before));
      }
    }
    if (hasKeywords) {
      auto names = keywords.GetPropertyNames();
      if (names.Length() != keywordsUsed) {
        for (uint32_t i = 0; i < names.Length(); i++) {
          std::string name = names.Get(i).ToString();
          auto position = schema.argumentIndexWithName(name);
          if (!position) throw std::invalid_argument("has no argument named " + name);
          if (static_cast<uint32_t>(*position) < positional.Length()) throw std::invalid_argument("argument " + name + " was given twice");
        }
      }
    }
    std::vector<c10::IValue> given(stack);  // the call replaces the stack, but errors need the arguments
    try {
      prepareArguments(schema, stack);
      op.callBoxed(&stack);
      for (const auto& result : stack) checkResult(result);
    } catch (const std::exception& error) {
      throw std::runtime_error(plainMessage(error) + "; called with " + describeStack(schema, given, given.size()));
    }
    auto results = Napi::Array::New(env, stack.size());
    for (size_t i = 0; i < stack.size(); i++) results.Set(static_cast<uint32_t>(i), fromIValue(environment, env, stack[i], schema.returns()[i]));
    return results;
  });
}

// schemas() → every registered operator's schema as text, sorted: what the generated types are made from.
static Napi::Value schemas(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::vector<std::string> lines;
  for (const auto& name : c10::Dispatcher::singleton().getAllOpNames()) {
    auto found = c10::Dispatcher::singleton().findSchema(name);
    if (!found) continue;
    std::ostringstream text;
    text << found->schema();
    lines.push_back(text.str());
  }
  std::sort(lines.begin(), lines.end());
  auto result = Napi::Array::New(env, lines.size());
  for (size_t i = 0; i < lines.size(); i++) result.Set(static_cast<uint32_t>(i), lines[i]);
  return result;
}

void initDispatch(Napi::Env env, Napi::Object exports) {
  exports.Set("lookup", Napi::Function::New(env, lookup));
  exports.Set("call", Napi::Function::New(env, call));
  exports.Set("schemas", Napi::Function::New(env, schemas));
}

// Converts between JavaScript values and libtorch's IValue, guided by the operator's schema.
#pragma once

#include "environment.h"

// Throws std::invalid_argument ("expected int[2], got string") if the value does not fit the argument.
c10::IValue toIValue(Environment& environment, const Napi::Value& value, const c10::Argument& argument);

// `argument` is the schema's entry for this result.
Napi::Value fromIValue(Environment& environment, Napi::Env env, const c10::IValue& value, const c10::Argument& argument);

// How an error shows an argument's value: "float32[2, 3]", "7", "[1, 1]", "int64" for a dtype.
std::string describe(const c10::IValue& value, const c10::Argument& argument);

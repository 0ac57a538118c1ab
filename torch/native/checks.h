// What libtorch's kernels take without looking: see checks.cc.
#pragma once

#include "environment.h"

// Each throws std::invalid_argument, which names what is wrong but not where.
void checkArgument(const c10::FunctionSchema& schema, const c10::Argument& argument, const c10::IValue& value);
// Also puts others in the place of arguments that a kernel would read wrong.
void prepareArguments(const c10::FunctionSchema& schema, std::vector<c10::IValue>& values);
void checkResult(const c10::IValue& value);

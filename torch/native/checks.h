// Checks that libtorch's kernels do not make; see checks.cc.
#pragma once

#include "environment.h"

// Each throws std::invalid_argument, which says what is wrong but not where.
void checkArgument(const c10::FunctionSchema& schema, const c10::Argument& argument, const c10::IValue& value);
// Also replaces arguments that a kernel would misread.
void prepareArguments(const c10::FunctionSchema& schema, std::vector<c10::IValue>& values);
void checkResult(const c10::IValue& value);

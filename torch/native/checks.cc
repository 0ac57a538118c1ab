// Checks of arguments with which libtorch's kernels would read or write beyond a tensor, crash the processor by a division, or
// compute for years. Found by calling all operators with random arguments (test/faults/binding.mjs).
#include "checks.h"

#include <ATen/MemoryOverlap.h>
#include <ATen/ScalarOps.h>
#include <c10/core/GradMode.h>

#include <limits>
#include <unordered_set>

void checkArgument(const c10::FunctionSchema& schema, const c10::Argument& argument, const c10::IValue& value) {
  if (value.isTensor() && argument.alias_info() != nullptr && argument.alias_info()->isWrite()) {
    const at::Tensor& tensor = value.toTensor();
    if (tensor.layout() == at::kStrided && at::has_internal_overlap(tensor) == at::MemOverlap::Yes)
      throw std::invalid_argument("cannot be written to, because its elements share memory (an expanded tensor); clone() it");
  }
  const std::string& name = argument.name();
  if (value.isDouble() && name.rfind("scales", 0) == 0)  // of an interpolation, beside the output's size
    throw std::invalid_argument("expected null: the sizes say it");
  bool isSize = argument.type()->kind() == c10::TypeKind::IntType && name != "from" && name != "low";  // these two are bounds of random integers
  if (isSize && value.isInt() && value.toInt() == std::numeric_limits<int64_t>::min())
    throw std::invalid_argument("expected more than the smallest int64, which has no absolute value");
  if (schema.name() == "aten::embedding_bag") {
    if (name == "indices" && value.toTensor().dim() != 1) throw std::invalid_argument("expected one dimension, got " + describe(value.toTensor()));
    if (name == "mode" && (value.toInt() < 0 || value.toInt() > 2))
      throw std::invalid_argument("expected 0 (sum), 1 (mean) or 2 (max), got " + std::to_string(value.toInt()));
    if (name == "include_last_offset" && value.toBool()) throw std::invalid_argument("expected false, and offsets without the last one");
  }
}

static const c10::IValue* find(const c10::FunctionSchema& schema, const std::vector<c10::IValue>& values, const char* name) {
  auto position = schema.argumentIndexWithName(name);
  return position ? &values[*position] : nullptr;
}

// A number counts as a tensor without dimensions that does not widen the result's dtype.
static at::Tensor asTensor(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor();
  at::Tensor tensor = at::scalar_to_tensor(value.toScalar());
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

static bool holds(const at::Tensor& tensor, at::ScalarType dtype, int64_t number) {
  return tensor.to(dtype).eq(number).any().item<bool>();
}

// The smallest integer divided by −1 is not representable, and x86 ends the process. lcm divides by a greatest common divisor,
// which is computed as −1 for the smallest integer and, say, 5.
static void checkDivision(const c10::FunctionSchema& schema, const std::vector<c10::IValue>& values) {
  static const std::unordered_set<std::string> divisions = {"aten::div",       "aten::div_",       "aten::divide",    "aten::divide_", "aten::floor_divide", "aten::floor_divide_",
                                                            "aten::remainder", "aten::remainder_", "aten::fmod",      "aten::fmod_",   "aten::lcm",          "aten::lcm_"};
  if (divisions.count(schema.name()) == 0) return;
  if (schema.argumentIndexWithName("rounding_mode") ? find(schema, values, "rounding_mode")->isNone() : schema.name().rfind("aten::div", 0) == 0) return;
  at::Tensor dividend = asTensor(values[0]), divisor = asTensor(values[1]);
  if (!dividend.is_cpu() || !divisor.is_cpu()) return;
  at::ScalarType dtype = at::result_type(dividend, divisor);
  if (dtype != at::kInt && dtype != at::kLong) return;
  int64_t smallest = dtype == at::kInt ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int64_t>::min();
  bool isLcm = schema.name().rfind("aten::lcm", 0) == 0;
  bool cannot = isLcm ? holds(dividend, dtype, smallest) || holds(divisor, dtype, smallest) : holds(divisor, dtype, -1) && holds(dividend, dtype, smallest);
  if (!cannot) return;
  std::string number = "the smallest " + std::string(dtypeName(dtype));
  throw std::invalid_argument(isLcm ? "cannot be had of " + number : "cannot divide " + number + " by -1");
}

// Polynomials are computed term by term.
static void checkDegree(const c10::FunctionSchema& schema, const std::vector<c10::IValue>& values) {
  constexpr double kMost = 10000;
  if (schema.name().find("_polynomial_") == std::string::npos) return;
  const c10::IValue* degree = find(schema, values, "n");
  if (degree != nullptr && asTensor(*degree).to(at::kDouble).gt(kMost).any().item<bool>()) throw std::invalid_argument("expected a degree n of at most 10000");
}

// Numbers that are squared, or used as lengths.
static void checkFactor(const c10::FunctionSchema& schema, const std::vector<c10::IValue>& values) {
  constexpr int64_t kMost = 1 << 20;
  for (const char* name : {"upscale_factor", "downscale_factor", "r", "sections", "chunks"}) {
    const c10::IValue* factor = find(schema, values, name);
    if (factor != nullptr && factor->isInt() && factor->toInt() > kMost)
      throw std::invalid_argument(std::string("expected ") + name + " of at most 1048576, got " + std::to_string(factor->toInt()));
  }
}

static void checkValues(const c10::FunctionSchema& schema, const std::vector<c10::IValue>& values) {
  if (schema.name() == "aten::linalg_eigvals" && !values[0].toTensor().isfinite().all().item<bool>())  // otherwise LAPACK writes anywhere
    throw std::invalid_argument("expected finite numbers");
  if (schema.name() == "aten::binomial" && !values[0].toTensor().isfinite().all().item<bool>())  // it draws until it has that many
    throw std::invalid_argument("expected finite counts");
  if (schema.name() != "aten::bincount") return;
  const at::Tensor& counted = values[0].toTensor();
  if (counted.numel() > 0 && holds(counted, at::kLong, std::numeric_limits<int64_t>::max())) throw std::invalid_argument("expected less than the largest int64");
}

void prepareArguments(const c10::FunctionSchema& schema, std::vector<c10::IValue>& values) {
  {
    c10::NoGradGuard noGrad;
    checkDivision(schema, values);
    checkDegree(schema, values);
    checkFactor(schema, values);
    checkValues(schema, values);
  }
  if (schema.name() == "aten::median" || schema.name() == "aten::nanmedian")  // along a dimension, they read an expanded tensor as if it were contiguous
    values[0] = values[0].toTensor().contiguous();
}

// Kernels do not check for tensors without strides or memory, nor for tensors that other kernels made wrongly, with a negative size
// or beyond the end of their memory.
static void checkTensor(const at::Tensor& tensor) {
  if (!tensor.defined()) return;
  auto fail = [](const std::string& what) { throw std::invalid_argument("the result is " + what + ", and only strided tensors on cpu and cuda are supported"); };
  if (tensor.layout() != at::kStrided) fail("of another layout than strided");
  if (tensor.is_quantized()) fail("quantized");
  if (!tensor.is_cpu() && !tensor.is_cuda()) fail("on the device " + tensor.device().str());
  int64_t last = tensor.storage_offset();
  for (int64_t i = 0; i < tensor.dim(); i++) {
    if (tensor.size(i) < 0) throw std::invalid_argument("the result has a negative size: " + describe(tensor));
    last += (tensor.size(i) - 1) * tensor.stride(i);
  }
  auto elements = static_cast<int64_t>(tensor.storage().nbytes() / tensor.element_size());
  if (tensor.numel() > 0 && last >= elements) throw std::invalid_argument("the result " + describe(tensor) + " reaches beyond its memory");
}

void checkResult(const c10::IValue& value) {
  if (value.isTensor()) checkTensor(value.toTensor());
  if (value.isTensorList())
    for (const at::Tensor& tensor : value.toTensorVector()) checkTensor(tensor);
}

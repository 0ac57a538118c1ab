// Profiles every operator that runs between profile(true) and profile(false): its time without the operators it calls, its
// arithmetic, and the bytes it reads and writes.
#include "environment.h"

#include <ATen/record_function.h>

#include <chrono>
#include <map>
#include <mutex>

namespace {

using Clock = std::chrono::steady_clock;

struct Frame : at::ObserverContext {
  Clock::time_point start;
  double inner = 0;  // seconds of the operators that it called
  double flops = 0, bytes = 0;
  double perOutput = 0;  // arithmetic for each number of a convolution's result
  std::string dtype;     // of its first tensor
  Frame* outer = nullptr;
};

struct Total {
  double calls = 0, seconds = 0, flops = 0, bytes = 0;
};

thread_local Frame* open = nullptr;
std::mutex mutex;
std::map<std::string, Total> totals;  // by name and dtype
at::CallbackHandle handle = 0;

double product(at::IntArrayRef sizes) {
  double result = 1;
  for (auto size : sizes) result *= static_cast<double>(size);
  return result;
}

const at::Tensor* tensorAt(c10::ArrayRef<const c10::IValue> values, size_t i) {
  return i < values.size() && values[i].isTensor() && values[i].toTensor().defined() ? &values[i].toTensor() : nullptr;
}

// Results that an operator has not computed yet have no dtype.
bool isWhole(const at::Tensor& tensor) { return tensor.defined() && tensor.dtype() != caffe2::TypeMeta(); }

template <typename F>
void eachTensor(const c10::IValue& value, F visit) {
  if (value.isTensor()) {
    if (isWhole(value.toTensor())) visit(value.toTensor());
  } else if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector())
      if (isWhole(tensor)) visit(tensor);
  }
}

double bytesOf(const c10::IValue& value) {
  double bytes = 0;
  eachTensor(value, [&](const at::Tensor& tensor) {
    if (tensor.layout() == at::kStrided) bytes += static_cast<double>(tensor.numel()) * static_cast<double>(tensor.element_size());
  });
  return bytes;
}

// Multiplications and additions of matrix products and of the gradient of a convolution; a convolution's own need its result.
double flopsOf(const std::string& name, c10::ArrayRef<const c10::IValue> inputs) {
  auto matrixProduct = [&](size_t left, size_t right) {
    const at::Tensor *a = tensorAt(inputs, left), *b = tensorAt(inputs, right);
    return a && b ? 2 * static_cast<double>(a->numel()) * static_cast<double>(b->size(-1)) : 0;
  };
  if (name == "aten::mm" || name == "aten::bmm") return matrixProduct(0, 1);
  if (name == "aten::addmm" || name == "aten::baddbmm") return matrixProduct(1, 2);
  if (name == "aten::convolution_backward") {
    const at::Tensor *gradient = tensorAt(inputs, 0), *weight = tensorAt(inputs, 2);
    if (!gradient || !weight || !inputs.back().isBoolList()) return 0;
    auto wanted = inputs.back().toBoolList();
    double passes = (wanted[0] ? 1 : 0) + (wanted[1] ? 1 : 0);
    return passes * 2 * static_cast<double>(gradient->numel()) * product(weight->sizes().slice(1));
  }
  return 0;
}

bool isConvolution(const std::string& name) {
  return name == "aten::mkldnn_convolution" || name == "aten::_slow_conv2d_forward" || name == "aten::cudnn_convolution" || name == "aten::thnn_conv2d";
}

// Inputs are available only at the beginning, because the call may consume them.
std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
  auto frame = std::make_unique<Frame>();
  std::string name = function.name();
  frame->flops = flopsOf(name, function.inputs());
  if (const at::Tensor* weight = isConvolution(name) ? tensorAt(function.inputs(), 1) : nullptr) frame->perOutput = 2 * product(weight->sizes().slice(1));
  for (const auto& value : function.inputs()) {
    frame->bytes += bytesOf(value);
    if (frame->dtype.empty())
      eachTensor(value, [&](const at::Tensor& tensor) { frame->dtype = dtypeName(tensor.scalar_type()); });
  }
  frame->outer = open;
  open = frame.get();
  frame->start = Clock::now();
  return frame;
}

void end(const at::RecordFunction& function, at::ObserverContext* context) {
  auto* frame = static_cast<Frame*>(context);
  double seconds = std::chrono::duration<double>(Clock::now() - frame->start).count();
  open = frame->outer;
  if (open != nullptr) open->inner += seconds;
  for (const auto& value : function.outputs()) {
    frame->bytes += bytesOf(value);
    if (const at::Tensor* result = value.isTensor() && value.toTensor().defined() ? &value.toTensor() : nullptr)
      frame->flops += frame->perOutput * static_cast<double>(result->numel());
  }
  std::lock_guard<std::mutex> lock(mutex);
  Total& total = totals[std::string(function.name()) + " " + frame->dtype];
  total.calls++;
  total.seconds += seconds - frame->inner;
  total.flops += frame->flops;
  total.bytes += frame->bytes;
}

}  // namespace

// profile(true) starts; profile(false) stops and returns [{ name, dtype, calls, seconds, flops, bytes }]; dtype "" without a tensor.
static Napi::Value profile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, "profile", [&]() -> Napi::Value {
    std::lock_guard<std::mutex> lock(mutex);
    if (info[0].ToBoolean()) {
      if (handle != 0) throw std::runtime_error("is running already");
      totals.clear();
      handle = at::addGlobalCallback(at::RecordFunctionCallback(begin, end).needsInputs(true).needsOutputs(true).scopes({at::RecordScope::FUNCTION}));
      at::enableRecordFunction(true);
      return env.Undefined();
    }
    if (handle == 0) throw std::runtime_error("is not running");
    at::removeCallback(handle);
    handle = 0;
    auto rows = Napi::Array::New(env);
    for (const auto& [key, total] : totals) {
      auto space = key.rfind(' ');
      auto row = Napi::Object::New(env);
      row.Set("name", key.substr(0, space));
      row.Set("dtype", key.substr(space + 1));
      row.Set("calls", total.calls);
      row.Set("seconds", total.seconds);
      row.Set("flops", total.flops);
      row.Set("bytes", total.bytes);
      rows.Set(rows.Length(), row);
    }
    return rows;
  });
}

void initProfile(Napi::Env env, Napi::Object exports) { exports.Set("profile", Napi::Function::New(env, profile)); }

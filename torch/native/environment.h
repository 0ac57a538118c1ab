// The tensors, generators and looked-up operators of one JavaScript environment (main thread or worker).
// JavaScript holds numbers, never pointers: slot + generation, so that a released or invented handle is an error
// and not a crash, and so that nothing waits for a finalizer (those do not run inside a synchronous loop).
// Tensors have even handles and generators odd ones: neither can be taken for the other.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <napi.h>

#include <string>
#include <unordered_map>
#include <vector>

template <typename T, uint64_t Kind>
class Slots {
 public:
  double add(T value) {
    uint32_t index;
    if (free_.empty()) {
      index = static_cast<uint32_t>(slots_.size());
      slots_.push_back({std::move(value), 0, true});
    } else {
      index = free_.back();
      free_.pop_back();
      slots_[index].value = std::move(value);
      slots_[index].used = true;
    }
    return static_cast<double>((slots_[index].generation * kStride + index) * 2 + Kind);
  }

  // Null when the handle was released or never existed.
  T* find(double handle) {
    if (!(handle >= 0 && handle < 9007199254740992.0)) return nullptr;
    auto number = static_cast<uint64_t>(handle);
    auto index = indexOf(handle);
    bool alive = number % 2 == Kind && index < slots_.size() && slots_[index].used && slots_[index].generation == number / 2 / kStride;
    return alive ? &slots_[index].value : nullptr;
  }

  bool remove(double handle) {
    T* value = find(handle);
    if (value == nullptr) return false;
    auto index = indexOf(handle);
    *value = T();
    slots_[index].used = false;
    slots_[index].generation = (slots_[index].generation + 1) % kGenerations;
    free_.push_back(index);
    return true;
  }

  template <typename F>
  void each(F visit) const {
    for (const auto& slot : slots_)
      if (slot.used) visit(slot.value);
  }

 private:
  static uint32_t indexOf(double handle) { return static_cast<uint32_t>(static_cast<uint64_t>(handle) / 2 % kStride); }

  static constexpr uint64_t kStride = 1ull << 26;       // tensors alive at once
  static constexpr uint64_t kGenerations = 1ull << 26;  // lives of a slot before its handles repeat
  struct Slot {
    T value;
    uint64_t generation;
    bool used;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

struct Environment {
  Slots<at::Tensor, 0> tensors;
  Slots<at::Generator, 1> generators;
  std::vector<c10::OperatorHandle> operators;

  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  Napi::Value wrap(Napi::Env env, at::Tensor tensor) {
    if (!tensor.defined()) return env.Null();
    return Napi::Number::New(env, tensors.add(std::move(tensor)));
  }

  // `value` is an object that carries a handle as `handle`.
  at::Tensor& tensor(const Napi::Value& value);
  at::Generator& generator(const Napi::Value& value);
};

// "float32[2, 3]" or, on another device, "float32[2, 3] on cuda:0": how errors show a tensor.
std::string describe(const at::Tensor& tensor);

// The project's names of dtypes, as PyTorch spells them without "torch.".
const char* dtypeName(at::ScalarType dtype);
at::ScalarType dtypeOf(const Napi::Value& name);

// The first line of a C++ exception's text, without source locations.
std::string plainMessage(const std::exception& error);

// Runs `body`; whatever it throws becomes a JavaScript Error whose message starts with `what`.
template <typename F>
auto guarded(Napi::Env env, const char* what, F body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, std::string(what) + ": " + plainMessage(error));
  } catch (...) {
    throw Napi::Error::New(env, std::string(what) + ": unknown C++ exception");
  }
}

void initDispatch(Napi::Env env, Napi::Object exports);
void initDistributed(Napi::Env env, Napi::Object exports);
void initAutograd(Napi::Env env, Napi::Object exports);
void initBuffer(Napi::Env env, Napi::Object exports);
void initGenerator(Napi::Env env, Napi::Object exports);
void initProfile(Napi::Env env, Napi::Object exports);
void initRuntime(Napi::Env env, Napi::Object exports);

// Before the first tensor.
void keepFreedMemory();
void guardMemory();

// The library: version, threads, BLAS, devices, and live memory.
#include "environment.h"

#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <unordered_set>

#ifndef _WIN32
#include <dlfcn.h>
#endif

// The file that provides sgemm, found through the dependencies of libtorch_cpu; empty when BLAS is linked into it.
static std::string blasFile() {
#ifdef _WIN32
  return "";
#else
  Dl_info torch;
  if (!dladdr(reinterpret_cast<void*>(&at::get_num_threads), &torch)) return "";
  void* library = dlopen(torch.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return "";
  void* sgemm = dlsym(library, "sgemm_");
  Dl_info blas;
  bool found = sgemm != nullptr && dladdr(sgemm, &blas);
  dlclose(library);
  if (!found) return "";
  char resolved[4096];
  return realpath(blas.dli_fname, resolved) != nullptr ? resolved : blas.dli_fname;
#endif
}

static Napi::Value build(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, "build", [&]() -> Napi::Value {
    auto result = Napi::Object::New(env);
    result.Set("version", TORCH_VERSION);
    result.Set("blas", blasFile());
    result.Set("cudaDevices", static_cast<double>(torch::cuda::device_count()));
    return result;
  });
}

// threads(n?) sets the number of threads if given, and returns it. OpenMP keeps the number per calling thread.
static Napi::Value threads(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "threads", [&]() -> Napi::Value {
    if (info[0].IsNumber()) at::set_num_threads(info[0].As<Napi::Number>().Int32Value());
    return Napi::Number::New(info.Env(), at::get_num_threads());
  });
}

static Napi::Value synchronize(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "synchronize", [&]() -> Napi::Value {
    if (torch::cuda::is_available()) torch::cuda::synchronize();
    return info.Env().Undefined();
  });
}

// memory() → { tensors, bytes }: live handles, and the bytes of their distinct storages.
static Napi::Value memory(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "memory", [&]() -> Napi::Value {
    double count = 0, bytes = 0;
    std::unordered_set<const void*> seen;
    Environment::of(info.Env()).tensors.each([&](const at::Tensor& tensor) {
      count++;
      if (tensor.has_storage() && seen.insert(tensor.storage().unsafeGetStorageImpl()).second) bytes += static_cast<double>(tensor.storage().nbytes());
    });
    auto result = Napi::Object::New(info.Env());
    result.Set("tensors", count);
    result.Set("bytes", bytes);
    return result;
  });
}

void initRuntime(Napi::Env env, Napi::Object exports) {
  exports.Set("build", Napi::Function::New(env, build));
  exports.Set("threads", Napi::Function::New(env, threads));
  exports.Set("synchronize", Napi::Function::New(env, synchronize));
  exports.Set("memory", Napi::Function::New(env, memory));
}

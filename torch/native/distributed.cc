// Sums over several processes: torch.distributed's process group Gloo, for processors. Built fully where Gloo's headers are beside
// libtorch's (CMakeLists.txt); elsewhere every function says what to install. There is one group in a process, and one thread uses
// it. It is never destroyed after a failure: its destructor would wait for a sum that nobody finishes. On one machine, gradients go
// through memory that the processes share; Gloo then only says when all have written, and when one of them is gone.
#include "environment.h"

#ifdef USE_C10D_GLOO
#include "shared-memory.h"

#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>

using std::chrono::milliseconds;

static c10::intrusive_ptr<c10d::Store>* store = nullptr;
static c10::intrusive_ptr<c10d::ProcessGroupGloo>* group = nullptr;
static std::unique_ptr<SharedMemory> memory;

// Bytes of the shared memory for each process. Smaller ones make them wait for each other more often.
static constexpr size_t SLOT = 16 << 20;
static constexpr size_t ALIGNMENT = 64;  // of what is in it; no element is larger

static c10d::Store& openedStore() {
  if (store == nullptr) throw std::logic_error("no store is open");
  return **store;
}

static milliseconds millisecondsOf(const Napi::Value& seconds) {
  return milliseconds(static_cast<int64_t>(1000 * seconds.ToNumber().DoubleValue()));
}

static std::string missing() { return ""; }

// fileStore(file, size): on one machine; the file must be new.
static void fileStore(const Napi::CallbackInfo& info) {
  store = new c10::intrusive_ptr<c10d::Store>(
      c10::make_intrusive<c10d::FileStore>(info[0].ToString().Utf8Value(), info[1].ToNumber().Int32Value()));
}

// tcpStore(host, port, isServer, seconds): one process serves it, the others wait so long for that one.
static void tcpStore(const Napi::CallbackInfo& info) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(info[1].ToNumber().Uint32Value());
  options.isServer = info[2].ToBoolean();
  options.waitWorkers = false;
  options.timeout = millisecondsOf(info[3]);
  store = new c10::intrusive_ptr<c10d::Store>(c10::make_intrusive<c10d::TCPStore>(info[0].ToString().Utf8Value(), options));
}

static void storeSet(const Napi::CallbackInfo& info) {
  std::string value = info[1].ToString().Utf8Value();
  openedStore().set(info[0].ToString().Utf8Value(), std::vector<uint8_t>(value.begin(), value.end()));
}

static Napi::Value storeGet(const Napi::CallbackInfo& info) {
  std::string key = info[0].ToString().Utf8Value();
  if (!openedStore().check({key})) return info.Env().Null();
  auto value = openedStore().get(key);
  return Napi::String::New(info.Env(), std::string(value.begin(), value.end()));
}

// Waits in short stretches, so that time during which this process itself was stopped does not count.
static void wait(c10d::Work& work, milliseconds& left) {
  constexpr milliseconds stretch(250);
  while (!work.isCompleted()) {
    try {
      work.wait(stretch);
      return;
    } catch (...) {
      if (work.isCompleted()) throw;
    }
    left -= stretch;
    if (left <= milliseconds::zero()) throw std::runtime_error("timed out");
  }
  work.wait();  // throws what it ended with
}

// The tensor whose storage is summed: dense, and in the layout of `like`, which is the same in all processes.
static at::Tensor inLayoutOf(const at::Tensor& like, const at::Tensor& tensor) {
  if (!tensor.is_cpu()) throw std::invalid_argument("expected tensors of the processor, got " + describe(tensor));
  if (tensor.strides() == like.strides() && tensor.is_non_overlapping_and_dense()) return tensor;
  at::Tensor copy = at::empty_like(like);
  return copy.is_non_overlapping_and_dense() ? copy.copy_(tensor) : tensor.contiguous();
}

static void sumByGloo(std::vector<at::Tensor> tensors, milliseconds& left) {
  if (group == nullptr) throw std::logic_error("no group is joined");
  std::vector<c10::intrusive_ptr<c10d::Work>> works;
  for (auto& tensor : tensors) {
    std::vector<at::Tensor> one{tensor};
    works.push_back((*group)->allreduce(one, c10d::AllreduceOptions()));
  }
  for (auto& work : works) wait(*work, left);
}

// Some elements of one tensor, in a row. `at`: their place in a slot, in bytes. `owner`: the rank that adds them up.
struct Piece {
  at::Tensor elements;
  size_t at;
  int owner;

  at::Tensor inSlotOf(int rank) const {
    return at::from_blob(memory->data() + SLOT * static_cast<size_t>(rank) + at, elements.sizes(), elements.options());
  }
};

// Each process gives the others what these add up, adds up its own pieces in the order of ranks, and takes the other sums. A place
// has always the same owner, so that after the second wait nobody writes, before the next one, where another still reads.
static void sumPieces(const std::vector<Piece>& pieces, milliseconds& left) {
  int own = (*group)->getRank(), size = (*group)->getSize();
  auto untilAllAreHere = [&] { sumByGloo({at::zeros({1})}, left); };

  for (const Piece& piece : pieces)
    if (piece.owner != own) piece.inSlotOf(own).copy_(piece.elements);
  untilAllAreHere();
  for (const Piece& piece : pieces) {
    if (piece.owner != own) continue;
    auto termOf = [&](int rank) { return rank == own ? piece.elements : piece.inSlotOf(rank); };
    at::Tensor sum = piece.inSlotOf(own);
    at::add_out(sum, termOf(0), termOf(1));
    for (int rank = 2; rank < size; rank++) sum.add_(termOf(rank));
    piece.elements.copy_(sum);
  }
  untilAllAreHere();
  for (const Piece& piece : pieces)
    if (piece.owner != own) piece.elements.copy_(piece.inSlotOf(piece.owner));
}

static void sumInMemory(const std::vector<at::Tensor>& tensors, milliseconds& left) {
  size_t size = (*group)->getSize();
  size_t share = SLOT / size / ALIGNMENT * ALIGNMENT;  // of a slot: what one process adds up
  std::vector<Piece> pieces;
  size_t filled = 0;
  for (const at::Tensor& tensor : tensors) {
    at::Tensor flat = tensor.as_strided({tensor.numel()}, {1});
    for (int64_t from = 0; from < flat.numel();) {
      if (filled == share * size) {
        sumPieces(pieces, left);
        pieces.clear();
        filled = 0;
      }
      size_t owner = filled / share, bytes = tensor.element_size(), room = (owner + 1) * share - filled;
      int64_t count = std::min(flat.numel() - from, static_cast<int64_t>(room / bytes));
      pieces.push_back({flat.narrow(0, from, count), filled, static_cast<int>(owner)});
      filled += (count * bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      from += count;
    }
  }
  if (!pieces.empty()) sumPieces(pieces, left);
}

static const char* const ADDRESS = "memory";  // in the store

static std::unique_ptr<SharedMemory> offeredMemory(size_t bytes) {
  auto offered = SharedMemory::create(bytes);
  std::string address = offered ? offered->address() : "";
  openedStore().set(ADDRESS, std::vector<uint8_t>(address.begin(), address.end()));
  return offered;
}

static std::unique_ptr<SharedMemory> foundMemory(size_t bytes) {
  auto address = openedStore().get(ADDRESS);
  return SharedMemory::open(std::string(address.begin(), address.end()), bytes);
}

static bool allHave(const std::unique_ptr<SharedMemory>& shared) {
  at::Tensor without = at::scalar_tensor(shared ? 0 : 1);
  milliseconds left = std::chrono::seconds(20);
  sumByGloo({without}, left);
  return without.item<double>() == 0;
}

// join(rank, size, host, isOneMachine): connects with all others, who must be calling it, too. `host`: this process's address.
static void join(const Napi::CallbackInfo& info) {
  openedStore();
  int rank = info[0].ToNumber().Int32Value(), size = info[1].ToNumber().Int32Value();
  bool shares = info[3].ToBoolean() && size > 1;
  size_t bytes = SLOT * static_cast<size_t>(size);
  std::unique_ptr<SharedMemory> shared;
  if (shares && rank == 0) shared = offeredMemory(bytes);  // before they connect, so that nobody waits for the address
  auto options = c10d::ProcessGroupGloo::Options::create(std::chrono::minutes(30));  // sum() says how long is too long
  options->devices = {c10d::ProcessGroupGloo::createDeviceForHostname(info[2].ToString().Utf8Value())};
  options->threads = 2;
  group = new c10::intrusive_ptr<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::ProcessGroupGloo>(*store, rank, size, options));
  if (!shares) return;
  if (rank != 0) shared = foundMemory(bytes);
  if (!allHave(shared)) return;
  shared->closeFile();
  memory = std::move(shared);
}

// sum(tensors[], seconds): in place, over all processes.
static void sum(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info.Env());
  at::NoGradGuard noGrad;
  auto array = info[0].As<Napi::Array>();
  std::vector<at::Tensor> results, summed;
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value item = array.Get(i);
    results.push_back(environment.tensor(item));
    summed.push_back(inLayoutOf(results.back(), results.back()));
  }
  milliseconds left = millisecondsOf(info[1]);
  sumByGloo(summed, left);
  for (size_t i = 0; i < results.size(); i++)
    if (!summed[i].is_same(results[i])) results[i].copy_(summed[i]);
}

// sumGradients(tensors[], seconds): those of the tensors, in place; a tensor without one gets zeros first.
static void sumGradients(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info.Env());
  at::NoGradGuard noGrad;
  auto array = info[0].As<Napi::Array>();
  std::vector<at::Tensor> gradients;
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value item = array.Get(i);
    at::Tensor& tensor = environment.tensor(item);
    tensor.mutable_grad() = tensor.grad().defined() ? inLayoutOf(tensor, tensor.grad()) : at::zeros_like(tensor);
    gradients.push_back(tensor.grad());
  }
  milliseconds left = millisecondsOf(info[1]);
  if (memory) sumInMemory(gradients, left);
  else sumByGloo(gradients, left);
}

// Only when no sum is under way.
static void leave(const Napi::CallbackInfo&) {
  memory.reset();
  delete group;
  delete store;
  group = nullptr;
  store = nullptr;
}
#else
static std::string missing() {
#ifdef __linux__
  return "the linked libtorch has no Gloo beside it; with Debian's: apt-get install libgloo-dev, then npx sparsecell setup";
#else
  return "the linked libtorch has no Gloo beside it";
#endif
}

static void refuse(const Napi::CallbackInfo&) { throw std::runtime_error(missing()); }
static Napi::Value storeGet(const Napi::CallbackInfo& info) {
  refuse(info);
  return info.Env().Null();
}
static void fileStore(const Napi::CallbackInfo& info) { refuse(info); }
static void tcpStore(const Napi::CallbackInfo& info) { refuse(info); }
static void storeSet(const Napi::CallbackInfo& info) { refuse(info); }
static void join(const Napi::CallbackInfo& info) { refuse(info); }
static void sum(const Napi::CallbackInfo& info) { refuse(info); }
static void sumGradients(const Napi::CallbackInfo& info) { refuse(info); }
static void leave(const Napi::CallbackInfo&) {}
#endif

// An export that throws JavaScript errors.
template <auto body>
static Napi::Value safely(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "several processes", [&]() -> Napi::Value {
    if constexpr (std::is_void_v<decltype(body(info))>) {
      body(info);
      return info.Env().Undefined();
    } else {
      return body(info);
    }
  });
}

void initDistributed(Napi::Env env, Napi::Object exports) {
  auto distributed = Napi::Object::New(env);
  distributed.Set("missing", missing());
  distributed.Set("fileStore", Napi::Function::New(env, safely<fileStore>));
  distributed.Set("tcpStore", Napi::Function::New(env, safely<tcpStore>));
  distributed.Set("storeSet", Napi::Function::New(env, safely<storeSet>));
  distributed.Set("storeGet", Napi::Function::New(env, safely<storeGet>));
  distributed.Set("join", Napi::Function::New(env, safely<join>));
  distributed.Set("sum", Napi::Function::New(env, safely<sum>));
  distributed.Set("sumGradients", Napi::Function::New(env, safely<sumGradients>));
  distributed.Set("leave", Napi::Function::New(env, safely<leave>));
  exports.Set("distributed", distributed);
}

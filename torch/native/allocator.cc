// The allocator of tensors. glibc returns a freed block of a few hundred kilobytes to the kernel at once, and the next activation
// of that size gets pages that the kernel must clear again. Here the blocks of freed tensors are kept and reused, because every
// training step needs the same sizes. Kept memory is bounded by the peak use of tensors (docs/background/performance.md has measurements).
#include "environment.h"

#ifndef _WIN32
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace {

constexpr size_t kSmallest = 1 << 20;  // bytes; smaller blocks come from the C library
constexpr size_t kLargestExcess = 2;   // a block may be this many times as large as the request
constexpr double kMostHeld = 1.2;      // used and kept blocks together, relative to the peak use
constexpr size_t kRoom = 64 << 20;     // kept free: oneDNN does not check whether it gets memory for its code
const auto kPage = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));

class Blocks {
 public:
  // Null when the system is out of memory.
  void* take(size_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    Block block = reuse(bytes);
    if (block.data == nullptr) block = map(bytes);
    if (block.data == nullptr) return nullptr;
    used_.emplace(block.data, block.bytes);
    bytesUsed_ += block.bytes;
    mostUsed_ = std::max(mostUsed_, bytesUsed_);
    return block.data;
  }

  // False for memory that was not allocated here.
  bool giveBack(void* data) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = used_.find(data);
    if (found == used_.end()) return false;
    Block block{data, found->second};
    used_.erase(found);
    bytesUsed_ -= block.bytes;
    bytesKept_ += block.bytes;
    keptBySize_.emplace(block.bytes, kept_.insert(kept_.end(), block));
    return true;
  }

 private:
  struct Block {
    void* data;
    size_t bytes;
  };
  using BySize = std::multimap<size_t, std::list<Block>::iterator>;

  Block reuse(size_t bytes) {
    auto smallest = keptBySize_.lower_bound(bytes);
    if (smallest == keptBySize_.end() || smallest->first / kLargestExcess > bytes) return {};
    return forget(smallest);
  }

  Block map(size_t bytes) {
    auto most = static_cast<double>(std::max(mostUsed_, bytesUsed_ + bytes)) * kMostHeld;
    while (!kept_.empty() && static_cast<double>(bytesUsed_ + bytesKept_ + bytes) > most) unmapOldest();
    size_t pages = (bytes + kPage - 1) / kPage * kPage;
    for (;;) {
      void* data = mmap(nullptr, pages + kRoom, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (data != MAP_FAILED) {
        munmap(static_cast<char*>(data) + pages, kRoom);
        return {data, bytes};
      }
      if (kept_.empty()) return {};
      unmapOldest();
    }
  }

  void unmapOldest() {
    auto [first, last] = keptBySize_.equal_range(kept_.front().bytes);
    Block block = forget(std::find_if(first, last, [&](const auto& entry) { return entry.second == kept_.begin(); }));
    munmap(block.data, block.bytes);
  }

  Block forget(BySize::iterator entry) {
    Block block = *entry->second;
    bytesKept_ -= block.bytes;
    kept_.erase(entry->second);
    keptBySize_.erase(entry);
    return block;
  }

  std::mutex mutex_;
  std::unordered_map<void*, size_t> used_;
  std::list<Block> kept_;  // oldest first
  BySize keptBySize_;
  size_t bytesUsed_ = 0, bytesKept_ = 0, mostUsed_ = 0;
};

Blocks& blocks() {
  static auto* all = new Blocks();  // tensors may outlive every destructor
  return *all;
}

void release(void* data) {
  bool beginsAPage = reinterpret_cast<uintptr_t>(data) % kPage == 0;  // true of every block here, rarely of the C library's
  if (!(beginsAPage && blocks().giveBack(data))) c10::GetDefaultCPUAllocator()->raw_deallocate(data);
}

// Later versions of PyTorch have copy_data, and an allocate that is not const; each member overrides whichever exists.
struct KeepingAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) const {
    void* data = nullptr;
    if (bytes < kSmallest) {
      data = c10::GetDefaultCPUAllocator()->raw_allocate(bytes);
    } else {
      data = blocks().take(bytes);
      TORCH_CHECK(data != nullptr, "can't allocate memory: you tried to allocate ", bytes, " bytes");
    }
    return {data, data, &release, c10::DeviceType::CPU};
  }
  c10::DataPtr allocate(size_t bytes) { return std::as_const(*this).allocate(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
};

}  // namespace

void keepFreedMemory() {
  static KeepingAllocator allocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/50);
}
#else
void keepFreedMemory() {}
#endif

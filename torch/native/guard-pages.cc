// Only in the build of scripts/sanitize.mjs: each tensor's memory ends at a protected page, so that a libtorch kernel that reads or
// writes beyond it crashes immediately. (AddressSanitizer checks only what was compiled with it, and libtorch was not.) The few
// bytes between a tensor and the borders of its pages are filled, and checked when it is freed.
//   one page: Block | filling, tensor, filling | one protected page
#include "environment.h"

#ifdef GUARD_PAGES
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace {

constexpr size_t kAlignment = 16;
constexpr size_t kMost = size_t(1) << 50;  // more than any machine has
constexpr unsigned char kFilling = 0xA5;
const auto kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

struct Block {
  size_t bytes, mapped;
};

size_t roundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

void release(void* data) {
  if (data == nullptr) return;
  auto* tensor = static_cast<unsigned char*>(data);
  unsigned char* first = tensor - reinterpret_cast<uintptr_t>(tensor) % kPage;  // a tensor begins in its first page
  auto* block = reinterpret_cast<Block*>(first - kPage);
  unsigned char* end = first - kPage + block->mapped - kPage;
  auto isFilling = [](unsigned char byte) { return byte == kFilling; };
  if (!std::all_of(first, tensor, isFilling) || !std::all_of(tensor + block->bytes, end, isFilling)) {
    std::fprintf(stderr, "guard pages: a tensor of %zu bytes was written beside its memory\n", block->bytes);
    std::abort();
  }
  munmap(block, block->mapped);
}

struct GuardedAllocator final : c10::Allocator {  // as in allocator.cc, for earlier and later versions of PyTorch
  c10::DataPtr allocate(size_t bytes) { return std::as_const(*this).allocate(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }
  c10::DataPtr allocate(size_t bytes) const {
    if (bytes == 0) return {nullptr, nullptr, &release, c10::DeviceType::CPU};
    size_t pages = bytes < kMost ? roundUp(bytes, kPage) : kMost;
    void* start = mmap(nullptr, pages + 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TORCH_CHECK(start != MAP_FAILED, "can't allocate memory: you tried to allocate ", bytes, " bytes");
    auto* first = static_cast<unsigned char*>(start) + kPage;
    new (start) Block{bytes, pages + 2 * kPage};
    mprotect(first + pages, kPage, PROT_NONE);
    unsigned char* tensor = first + pages - roundUp(bytes, kAlignment);
    std::fill(first, tensor, kFilling);
    std::fill(tensor + bytes, first + pages, kFilling);
    return {tensor, tensor, &release, c10::DeviceType::CPU};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
};

}  // namespace

void guardMemory() {
  static GuardedAllocator allocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/100);
}
#else
void guardMemory() {}
#endif

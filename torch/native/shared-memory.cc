#include "shared-memory.h"

#ifdef __linux__
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

std::unique_ptr<SharedMemory> SharedMemory::map(int file, size_t bytes, std::string address) {
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) {
    ::close(file);
    return nullptr;
  }
  return std::unique_ptr<SharedMemory>(new SharedMemory(file, static_cast<char*>(data), bytes, std::move(address)));
}

// The address is a file in /proc and the random name of what must be there, "/proc/7/fd/21 sparsecell-…": the same number may be
// another process's elsewhere.
std::unique_ptr<SharedMemory> SharedMemory::create(size_t bytes) {
  std::random_device random;
  std::string name = "sparsecell-" + std::to_string(random()) + "-" + std::to_string(random());
  int file = memfd_create(name.c_str(), MFD_CLOEXEC);
  if (file < 0) return nullptr;
  if (ftruncate(file, static_cast<off_t>(bytes)) != 0) {
    ::close(file);
    return nullptr;
  }
  return map(file, bytes, "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file) + " " + name);
}

std::unique_ptr<SharedMemory> SharedMemory::open(const std::string& address, size_t bytes) {
  size_t space = address.find(' ');
  if (space == std::string::npos) return nullptr;
  std::string path = address.substr(0, space), expected = "/memfd:" + address.substr(space + 1) + " (deleted)";
  std::string found(expected.size() + 1, '\0');
  ssize_t length = readlink(path.c_str(), found.data(), found.size());
  if (length < 0 || found.substr(0, static_cast<size_t>(length)) != expected) return nullptr;
  int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  return file < 0 ? nullptr : map(file, bytes, address);
}

void SharedMemory::closeFile() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

SharedMemory::~SharedMemory() {
  closeFile();
  munmap(data_, bytes_);
}
#else
std::unique_ptr<SharedMemory> SharedMemory::create(size_t) { return nullptr; }
std::unique_ptr<SharedMemory> SharedMemory::open(const std::string&, size_t) { return nullptr; }
void SharedMemory::closeFile() {}
SharedMemory::~SharedMemory() {}
#endif

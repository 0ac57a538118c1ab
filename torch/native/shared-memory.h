// Memory that the processes of one machine share. It has no name in any folder: nothing is left of it when they are killed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

class SharedMemory {
 public:
  // Null where the system has none of this kind, or not so much.
  static std::unique_ptr<SharedMemory> create(size_t bytes);
  // That of another process, by its `address`. Null where it cannot be reached: from another machine, container or user.
  static std::unique_ptr<SharedMemory> open(const std::string& address, size_t bytes);

  SharedMemory(const SharedMemory&) = delete;
  ~SharedMemory();

  char* data() const { return data_; }
  // As long as the process that made it has not closed its file.
  const std::string& address() const { return address_; }
  // When all have opened it.
  void closeFile();

 private:
  SharedMemory(int file, char* data, size_t bytes, std::string address)
      : file_(file), data_(data), bytes_(bytes), address_(std::move(address)) {}
  static std::unique_ptr<SharedMemory> map(int file, size_t bytes, std::string address);

  int file_;
  char* data_;
  size_t bytes_;
  std::string address_;
};

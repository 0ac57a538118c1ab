// Reads one slide by OpenSlide, for openslide.ts, in a process of its own: slides of foreign origin are parsed by C code, and one
// that crashes it, or takes all memory, must not take a run with it. OpenSlide is opened at run time and needs no header, so this
// compiles anywhere, with the C++ library alone.
//   openslide-reader --version   prints the version of OpenSlide
//   openslide-reader FILE        prints facts, a line each, and "ready"; then for each line "LEVEL X Y WIDTH HEIGHT" on stdin
//                                (x, y in pixels of level 0) "pixels N" and N bytes of RGB, or "error …". Ends with stdin.
#include <dlfcn.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <vector>

namespace {

constexpr rlim_t kMostMemory = 1u << 30;     // bytes
constexpr int kMostSeconds = 8;              // of computing, for each answer; waiting for a disk does not count
constexpr int64_t kMostPixels = 4096 * 4096;  // an answer has

struct Slide;  // OpenSlide's openslide_t

// The functions of OpenSlide 3.4 and 4 that are used, with their signatures in openslide.h.
struct Library {
  const char* (*get_version)();
  const char* (*detect_vendor)(const char*);
  Slide* (*open)(const char*);
  int32_t (*get_level_count)(Slide*);
  void (*get_level_dimensions)(Slide*, int32_t, int64_t*, int64_t*);
  double (*get_level_downsample)(Slide*, int32_t);
  void (*read_region)(Slide*, uint32_t*, int64_t, int64_t, int32_t, int64_t, int64_t);
  void (*close)(Slide*);
  const char* (*get_error)(Slide*);
  const char* (*get_property_value)(Slide*, const char*);
};

// An answer of one line, whatever the text contains.
void error(const char* kind, const char* text) {
  std::printf("error %s ", kind);
  for (; *text != '\0'; text++) std::putchar(*text == '\n' || *text == '\r' ? ' ' : *text);
  std::putchar('\n');
}

[[noreturn]] void fail(const char* kind, const char* text) {
  error(kind, text);
  std::exit(1);
}

template <typename F>
void find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  if (function == nullptr) fail("missing", name);
}

Library load() {
  void* library = nullptr;
  if (const char* chosen = std::getenv("SPARSECELL_OPENSLIDE"))
    library = dlopen(chosen, RTLD_NOW);
  else
    for (const char* name : {"libopenslide.so.1", "libopenslide.so.0", "libopenslide.1.dylib", "libopenslide.0.dylib",
                             "/opt/homebrew/lib/libopenslide.1.dylib", "/usr/local/lib/libopenslide.1.dylib"})
      if ((library = dlopen(name, RTLD_NOW)) != nullptr) break;
  if (library == nullptr) fail("missing", "it is not installed");
  Library found{};
  find(library, "openslide_get_version", found.get_version);
  find(library, "openslide_detect_vendor", found.detect_vendor);
  find(library, "openslide_open", found.open);
  find(library, "openslide_get_level_count", found.get_level_count);
  find(library, "openslide_get_level_dimensions", found.get_level_dimensions);
  find(library, "openslide_get_level_downsample", found.get_level_downsample);
  find(library, "openslide_read_region", found.read_region);
  find(library, "openslide_close", found.close);
  find(library, "openslide_get_error", found.get_error);
  find(library, "openslide_get_property_value", found.get_property_value);
  return found;
}

void limit(int resource, rlim_t most) {
  rlimit limits{};
  getrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limits);
  if (limits.rlim_cur == RLIM_INFINITY || limits.rlim_cur > most) limits.rlim_cur = most;
  setrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limits);
}

// Ends the process if what follows computes for longer than `seconds`; 0: no limit.
void within(int seconds) {
  itimerval timer{};
  timer.it_value.tv_sec = seconds;
  setitimer(ITIMER_PROF, &timer, nullptr);
}

[[noreturn]] void failUnknown(const Library& library) {
  char text[200];
  std::snprintf(text, sizeof text, "version %s does not know this file", library.get_version());
  fail("unknown", text);
}

Slide* opened(const Library& library, const char* file) {
  if (library.detect_vendor(file) == nullptr) failUnknown(library);
  Slide* slide = library.open(file);
  if (slide == nullptr) failUnknown(library);
  if (const char* reason = library.get_error(slide)) fail("damaged", reason);
  return slide;
}

void tell(const Library& library, const char* file, Slide* slide) {
  std::printf("version %s\nvendor %s\n", library.get_version(), library.detect_vendor(file));
  for (int32_t level = 0; level < library.get_level_count(slide); level++) {
    int64_t width = 0, height = 0;
    library.get_level_dimensions(slide, level, &width, &height);
    std::printf("level %lld %lld %.17g\n", static_cast<long long>(width), static_cast<long long>(height),
                library.get_level_downsample(slide, level));
  }
  for (const char* name : {"openslide.mpp-x", "openslide.mpp-y", "openslide.bounds-x", "openslide.bounds-y",
                           "openslide.bounds-width", "openslide.bounds-height"})
    if (const char* value = library.get_property_value(slide, name)) std::printf("%s %.40s\n", name, value);
  std::printf("ready\n");
  std::fflush(stdout);
}

// Premultiplied ARGB laid on white, in place: RGB takes less room.
uint8_t* onWhite(std::vector<uint32_t>& pixels) {
  auto* bytes = reinterpret_cast<uint8_t*>(pixels.data());
  uint8_t* to = bytes;
  for (uint32_t pixel : pixels) {
    const uint32_t white = 255 - (pixel >> 24);
    for (int shift : {16, 8, 0}) {
      const uint32_t value = ((pixel >> shift) & 255) + white;
      *to++ = static_cast<uint8_t>(value > 255 ? 255 : value);
    }
  }
  return bytes;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  limit(RLIMIT_AS, kMostMemory);
  limit(RLIMIT_CORE, 0);
  const Library library = load();
  if (std::strcmp(arguments[1], "--version") == 0) return std::printf("%s\n", library.get_version()) < 0;
  const char* file = arguments[1];
  within(kMostSeconds);
  Slide* slide = opened(library, file);
  tell(library, file, slide);
  within(0);
  char line[256];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    int32_t level = 0;
    long long x = 0, y = 0, width = 0, height = 0;
    if (std::sscanf(line, "%d %lld %lld %lld %lld", &level, &x, &y, &width, &height) != 5 || width < 1 || height < 1 ||
        width > kMostPixels / height)
      return 2;
    within(kMostSeconds);
    if (slide == nullptr) slide = opened(library, file);
    std::vector<uint32_t> pixels(static_cast<size_t>(width * height));
    library.read_region(slide, pixels.data(), x, y, level, width, height);
    if (const char* reason = library.get_error(slide)) {
      error("tile", reason);
      library.close(slide);  // after an error a slide gives nothing any more
      slide = nullptr;
    } else {
      const uint8_t* bytes = onWhite(pixels);
      std::printf("pixels %zu\n", pixels.size() * 3);
      std::fwrite(bytes, 3, pixels.size(), stdout);
    }
    within(0);
    if (std::fflush(stdout) != 0) return 1;
  }
  return 0;
}

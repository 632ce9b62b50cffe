#include "testing.h"

#include <fcntl.h>
#include <unistd.h>

/* The program's part: it opens the file for the plugin. */
static uint32_t open_file(const void *state, voxomics_text path, int64_t *descriptor, uint64_t *size) {
  char name[64];
  (void)state;
  copy(name, sizeof name, path);
  *descriptor = open(name, O_RDONLY);
  *size = *descriptor < 0 ? 0 : (uint64_t)lseek((int)*descriptor, 0, SEEK_END);
  return *descriptor < 0 || lseek((int)*descriptor, 0, SEEK_SET) != 0;
}

static uint32_t load(const char *path, const char *json, test_answer *answer) {
  const uint64_t length = strlen(path);
  const voxomics_array bytes = test_given("path", VOXOMICS_U8, path, length, &length, 1);
  const voxomics_array *arrays[] = {&bytes};
  const voxomics_request asked = test_request(json, arrays, 1), nothing = test_request("{}", NULL, 0);
  const voxomics_library *library = test_library();
  voxomics_host host;
  void *loader = library->configure(TEXT("load"), TEXT("NAME"), &nothing, NULL, &answer->wire);
  memset(&host, 0, sizeof host);
  host.size = sizeof host;
  host.open = open_file;
  CHECK(loader != NULL);
  return library->call(loader, TEXT("load"), &asked, &host, &answer->wire);
}

static void put(const char *path, const char *bytes, size_t length) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL && fwrite(bytes, 1, length, file) == length && fclose(file) == 0);
}

int main(void) {
  const char *path = "test.raw8";
  test_answer *answer = test_begin();
  const uint8_t *voxels;
  put(path, "RAW8\x02\x01\x01\x05\x07", 9);
  CHECK(load(path, "{\"role\":\"image\"}", answer) == 0);
  voxels = (const uint8_t *)test_data(answer, "image.0.voxels", 2);
  CHECK(voxels[0] == 5 && voxels[1] == 7);
  test_end(answer);

  answer = test_begin();
  CHECK(load(path, "{\"role\":\"mask\"}", answer) == 0);
  test_data(answer, "mask.0.voxels", 2);
  test_end(answer);

  answer = test_begin();
  put(path, "RAW8\x02\x01\x01\x05", 8);
  CHECK(load(path, "{\"role\":\"image\"}", answer) != 0 && strstr(answer->message, "another number of voxels") != NULL);
  test_end(answer);
  CHECK(remove(path) == 0);
  return 0;
}

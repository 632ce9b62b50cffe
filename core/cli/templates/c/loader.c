/* A loader: edit DESCRIPTION, `recognises` and `load`. Files begin with RAW8, then three bytes of size, then one byte per voxel. */

#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <unistd.h>

#include "plugin.h"

static const char DESCRIPTION[] =
    "{\"version\": \"0.1.0\", \"vendor\": \"Your laboratory\", \"licence\": \"MIT OR Apache-2.0\", \"plugins\": [{"
    "\"kind\": \"load\", \"id\": \"NAME\", \"summary\": \"A small format of our own\", \"formats\": [\"RAW8\"],"
    "\"own_grid\": true}]}";

#define HEAD 7

static uint32_t describe(const voxomics_answer *answer) {
  answer->json(answer->state, TEXT(DESCRIPTION));
  return 0;
}

static void *configure(voxomics_text kind, voxomics_text id, const voxomics_request *request, const voxomics_host *host,
                       const voxomics_answer *answer) {
  static char loader; /* there is nothing to configure, and null means that there is no instance */
  (void)request;
  (void)host;
  if (!is(kind, TEXT("load")) || !is(id, TEXT("NAME"))) {
    answer->fail(answer->state, VOXOMICS_FAILURE_UNKNOWN_ID, TEXT("there is no such plugin here"), TEXT(""));
    return NULL;
  }
  return &loader;
}

/* Reads so many bytes, or fewer if the file ends. */
static uint64_t read_all(int file, uint8_t *into, uint64_t bytes) {
  uint64_t done = 0;
  while (done < bytes) {
    ssize_t part = read(file, into + done, (size_t)(bytes - done));
    if (part <= 0) {
      break;
    }
    done += (uint64_t)part;
  }
  return done;
}

/* The voxels of an open file, with their place: into the arrays image.0 or mask.0. */
static uint32_t read_scan(int file, uint64_t file_size, int is_mask, const voxomics_answer *answer) {
  const double grid[15] = {1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, scaling[2] = {1, 0};
  const uint64_t fifteen = 15, two = 2;
  uint64_t dims[3];
  uint8_t head[HEAD], *voxels;
  void *of_grid, *of_scaling;
  if (read_all(file, head, HEAD) != HEAD) {
    return fail(answer, TEXT("the file ends before its size"));
  }
  dims[0] = head[4];
  dims[1] = head[5];
  dims[2] = head[6];
  if (file_size != HEAD + dims[0] * dims[1] * dims[2]) {
    return fail(answer, TEXT("the file has another number of voxels than its size says"));
  }
  voxels = (uint8_t *)answer->array(answer->state, is_mask ? TEXT("mask.0.voxels") : TEXT("image.0.voxels"), VOXOMICS_U8, 3, dims);
  of_grid = answer->array(answer->state, is_mask ? TEXT("mask.0.grid") : TEXT("image.0.grid"), VOXOMICS_F64, 1, &fifteen);
  of_scaling = answer->array(answer->state, is_mask ? TEXT("mask.0.scaling") : TEXT("image.0.scaling"), VOXOMICS_F64, 1, &two);
  if (voxels == NULL || of_grid == NULL || of_scaling == NULL) {
    return fail(answer, TEXT("there is no memory"));
  }
  memcpy(of_grid, grid, sizeof grid);
  memcpy(of_scaling, scaling, sizeof scaling);
  if (read_all(file, voxels, file_size - HEAD) != file_size - HEAD) {
    return fail(answer, TEXT("the file cannot be read to its end"));
  }
  answer->json(answer->state, is_mask ? TEXT("{\"masks\": [{}]}") : TEXT("{\"images\": [{}]}"));
  return 0;
}

/* The program opens the file: where this plugin runs it can open none by itself. */
static uint32_t load(const voxomics_request *request, const voxomics_host *host, const voxomics_answer *answer) {
  const voxomics_array *path = find(request, TEXT("path"), VOXOMICS_U8);
  int64_t descriptor;
  uint64_t size;
  uint32_t failed;
  if (path == NULL) {
    return fail(answer, TEXT("the request has no path"));
  }
  if (host->open(host->state, text_of((const char *)path->data, (size_t)path->bytes), &descriptor, &size) != 0) {
    return fail(answer, TEXT("the file cannot be opened"));
  }
  failed = read_scan((int)descriptor, size, holds(request->json, TEXT("\"role\":\"mask\"")), answer);
  close((int)descriptor);
  return failed;
}

static uint32_t call(void *instance, voxomics_text method, const voxomics_request *request, const voxomics_host *host,
                     const voxomics_answer *answer) {
  (void)instance;
  if (is(method, TEXT("recognises"))) {
    const voxomics_array *head = find(request, TEXT("head"), VOXOMICS_U8);
    int ours = head != NULL && head->bytes >= 4 && memcmp(head->data, "RAW8", 4) == 0;
    answer->json(answer->state, ours ? TEXT("{\"recognises\": true}") : TEXT("{\"recognises\": false}"));
    return 0;
  }
  return is(method, TEXT("load")) ? load(request, host, answer) : no_method(answer);
}

static void drop(void *instance) { (void)instance; }

static const voxomics_library LIBRARY = {sizeof(voxomics_library), describe, configure, call, drop, NULL};

const void *voxomics_plugin_entry(uint32_t generation, uint32_t carrier) {
  return generation == VOXOMICS_GENERATION && carrier == VOXOMICS_CARRIER_C ? &LIBRARY : NULL;
}

/* A family in C that ruins the process that it runs in, or tries to, in regions of a given number of voxels. */

#define _DEFAULT_SOURCE
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "voxomics.h"

#define TEXT(literal) text(literal, sizeof(literal) - 1)

static const char DESCRIPTION[] =
    "{\"version\": \"1.0.0\", \"vendor\": \"The tests\", \"licence\": \"MIT OR Apache-2.0\", \"plugins\": [{"
    "\"kind\": \"features\", \"id\": \"ends\", \"summary\": \"Ends the process that it runs in\", \"settings\": ["
    "{\"key\": \"way\", \"purpose\": \"how it ends\", \"takes\": {\"number\": {\"min\": null, \"max\": null}}, \"default\": 0},"
    "{\"key\": \"voxels\", \"purpose\": \"in regions of so many voxels\","
    " \"takes\": {\"number\": {\"min\": null, \"max\": null}}, \"default\": 0}],"
    "\"features\": [{\"id\": \"count\", \"title\": \"Number of voxels\", \"unit\": \"1\", \"meaning\": \"the region is large\","
    " \"equation\": \"|X|\"}]}]}";

typedef struct ends {
  int way;
  double voxels;
} ends;

static voxomics_text text(const char *bytes, size_t length) {
  voxomics_text made;
  made.bytes = bytes;
  made.length = length;
  return made;
}

static const voxomics_array *find(const voxomics_request *request, const char *name) {
  uint64_t at;
  for (at = 0; at < request->count; at++) {
    const voxomics_array *array = request->arrays[at];
    if (array->name.length == strlen(name) && memcmp(array->name.bytes, name, strlen(name)) == 0) {
      return array;
    }
  }
  return NULL;
}

static uint32_t describe(const voxomics_answer *answer) {
  answer->json(answer->state, TEXT(DESCRIPTION));
  return 0;
}

static double number(const voxomics_request *request, const char *name) {
  const voxomics_array *array = find(request, name);
  return array == NULL ? 0.0 : *(const double *)array->data;
}

static void *configure(voxomics_text kind, voxomics_text id, const voxomics_request *request, const voxomics_host *host,
                       const voxomics_answer *answer) {
  ends *made = (ends *)malloc(sizeof *made);
  (void)kind;
  (void)id;
  (void)host;
  (void)answer;
  if (made != NULL) {
    made->way = (int)number(request, "settings.way");
    made->voxels = number(request, "settings.voxels");
  }
  return made;
}

static int deeper(volatile char *above) {
  volatile char page[4096];
  page[0] = above[0];
  return deeper(page) + page[0];
}

/* Whether what was tried is refused. */
static int ruin(int way) {
  char start = 1;
  switch (way) {
  case 1:
    exit(0);
  case 2:
    _exit(0);
  case 3:
    abort();
  case 4:
    *(volatile int *)8 = 1;
    return 0;
  case 5:
    return deeper(&start);
  case 6:
    for (;;) {
      char *more = (char *)malloc(16 << 20);
      if (more == NULL) {
        abort();
      }
      memset(more, 1, 16 << 20);
    }
  case 7:
    for (;;) {
      sleep(60);
    }
  case 8:
    switch (fork()) {
    case -1:
      return 1;
    case 0:
      _exit(0);
    default:
      return 0;
    }
  case 9:
    return socket(AF_INET, SOCK_STREAM, 0) < 0;
  case 12:
    puts("a line that belongs into no table");
    return 0;
  case 13:
    fesetround(FE_DOWNWARD);
    return 0;
  default:
    return 0;
  }
}

static uint32_t call(void *instance, voxomics_text method, const voxomics_request *request, const voxomics_host *host,
                     const voxomics_answer *answer) {
  const ends *self = (const ends *)instance;
  const voxomics_array *mask = find(request, "intensity_mask");
  const uint64_t one = 1;
  uint64_t at;
  double count = 0.0;
  double *values;
  (void)host;
  if (method.length != 7 || memcmp(method.bytes, "compute", 7) != 0) {
    return 0;
  }
  for (at = 0; mask != NULL && at < mask->bytes; at++) {
    count += ((const uint8_t *)mask->data)[at] != 0;
  }
  if (count == self->voxels && ruin(self->way)) {
    answer->fail(answer->state, VOXOMICS_FAILURE_INPUT, TEXT("Operation not permitted"), TEXT(""));
    return 1;
  }
  values = (double *)answer->array(answer->state, TEXT("values"), VOXOMICS_F64, 1, &one);
  if (values == NULL || answer->array(answer->state, TEXT("status"), VOXOMICS_U8, 1, &one) == NULL) {
    return 1;
  }
  values[0] = count;
  return 0;
}

static void drop(void *instance) { free(instance); }

static const voxomics_library LIBRARY = {sizeof(voxomics_library), describe, configure, call, drop, NULL};

const void *voxomics_plugin_entry(uint32_t generation, uint32_t carrier) {
  return generation == VOXOMICS_GENERATION && carrier == VOXOMICS_CARRIER_C ? &LIBRARY : NULL;
}

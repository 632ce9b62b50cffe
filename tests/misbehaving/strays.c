/* A family in C that measures the volume of a region, and strays from that in the way that a setting says. */

#define _DEFAULT_SOURCE
#include <fenv.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "voxomics.h"

#define TEXT(literal) text(literal, sizeof(literal) - 1)

static const char DESCRIPTION[] =
    "{\"version\": \"1.0.0\", \"vendor\": \"The tests\", \"licence\": \"MIT OR Apache-2.0\", \"plugins\": [{"
    "\"kind\": \"features\", \"id\": \"strays-in-c\", \"summary\": \"A volume, and one thing done badly\", \"settings\": ["
    "{\"key\": \"way\", \"purpose\": \"what is done badly\", \"takes\": {\"integer\": {\"min\": 0, \"max\": 20}}, \"default\": 0}],"
    "\"features\": [{\"id\": \"volume\", \"title\": \"Volume\", \"unit\": \"mm^3\", \"meaning\": \"the region is large\","
    " \"equation\": \"number of voxels times their volume\"}]}]}";

enum { NOTHING, COUNTS, CRASHES, ENDS, PRINTS, ROUNDS, LOCALE, DIRECTORY, LEAKS, NEGATIVE };

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

static void *configure(voxomics_text kind, voxomics_text id, const voxomics_request *request, const voxomics_host *host,
                       const voxomics_answer *answer) {
  const voxomics_array *way = find(request, "settings.way");
  int *made = (int *)malloc(sizeof *made);
  (void)kind;
  (void)id;
  (void)host;
  (void)answer;
  if (made != NULL) {
    *made = way == NULL ? NOTHING : (int)*(const double *)way->data;
  }
  return made;
}

/* What is added to the volume. */
static double stray(int way, double voxels) {
  static double calls = 0.0;
  switch (way) {
  case COUNTS:
    return calls++;
  case CRASHES:
    if (voxels == 1.0) {
      *(volatile int *)8 = 1;
    }
    return 0.0;
  case ENDS:
    if (voxels == 0.0) {
      exit(0);
    }
    return 0.0;
  case PRINTS:
    printf("a line without an end");
    return 0.0;
  case ROUNDS:
    fesetround(FE_UPWARD);
    return 0.0;
  case LOCALE:
    setlocale(LC_ALL, "C.UTF-8");
    return 0.0;
  case DIRECTORY:
    return chdir("/") == 0 ? 0.0 : 1.0;
  case LEAKS:
    memset(malloc(1 << 20), 1, 1 << 20);
    return 0.0;
  default:
    return 0.0;
  }
}

static uint32_t call(void *instance, voxomics_text method, const voxomics_request *request, const voxomics_host *host,
                     const voxomics_answer *answer) {
  const int way = *(const int *)instance;
  const voxomics_array *mask = find(request, "intensity_mask"), *grid = find(request, "grid");
  const uint64_t one = 1;
  double count = 0.0, volume;
  const double *spacing;
  double *values;
  uint64_t at;
  (void)host;
  if (method.length != 7 || memcmp(method.bytes, "compute", 7) != 0 || mask == NULL || grid == NULL) {
    return 0;
  }
  for (at = 0; at < mask->bytes; at++) {
    count += ((const uint8_t *)mask->data)[at] != 0;
  }
  spacing = (const double *)grid->data;
  volume = spacing[0] * spacing[1] * spacing[2];
  if (volume < 0.0 && way != NEGATIVE) {
    answer->fail(answer->state, VOXOMICS_FAILURE_INPUT, TEXT("a spacing of the image is below 0"), TEXT(""));
    return 1;
  }
  values = (double *)answer->array(answer->state, TEXT("values"), VOXOMICS_F64, 1, &one);
  if (values == NULL || answer->array(answer->state, TEXT("status"), VOXOMICS_U8, 1, &one) == NULL) {
    return 1;
  }
  values[0] = count * volume + stray(way, count);
  return 0;
}

static void drop(void *instance) { free(instance); }

static const voxomics_library LIBRARY = {sizeof(voxomics_library), describe, configure, call, drop, NULL};

const void *voxomics_plugin_entry(uint32_t generation, uint32_t carrier) {
  return generation == VOXOMICS_GENERATION && carrier == VOXOMICS_CARRIER_C ? &LIBRARY : NULL;
}

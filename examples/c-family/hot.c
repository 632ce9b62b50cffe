/* A feature family in C: the mean of the intensities above a threshold.
 *
 * cc -std=c99 -Wall -Wextra -Werror -O2 -fPIC -shared -I ../../include hot.c -o libfeatures_hot.so
 *
 * It is C++ as well. It reads its one setting as an array, and so needs no parser of JSON. */

#include <stdlib.h>
#include <string.h>

#include "voxomics.h"

#define TEXT(literal) text(literal, sizeof(literal) - 1)

static const char DESCRIPTION[] =
    "{\"version\": \"1.0.0\", \"vendor\": \"A laboratory\", \"licence\": \"MIT OR Apache-2.0\", \"plugins\": [{"
    "\"kind\": \"features\", \"id\": \"hot\", \"summary\": \"Voxels above a threshold\","
    "\"settings\": [{\"key\": \"threshold\", \"purpose\": \"intensity above which a voxel counts\","
    " \"unit\": \"intensity\", \"takes\": {\"number\": {\"min\": null, \"max\": null}}, \"default\": 100.0}],"
    "\"features\": ["
    "{\"id\": \"mean\", \"title\": \"Mean of the hot voxels\", \"unit\": \"intensity\", \"meaning\": \"what is hot is very hot\","
    " \"equation\": \"mean of X where X > threshold; undefined if there is none\"},"
    "{\"id\": \"fraction\", \"title\": \"Fraction of hot voxels\", \"unit\": \"1\", \"meaning\": \"much of the region is hot\","
    " \"equation\": \"|X > threshold| / |X|\"}]}]}";

/* A configured family. */
typedef struct hot {
  double threshold;
} hot;

static voxomics_text text(const char *bytes, size_t length) {
  voxomics_text made;
  made.bytes = bytes;
  made.length = length;
  return made;
}

static int is(voxomics_text found, voxomics_text wanted) {
  return found.length == wanted.length && memcmp(found.bytes, wanted.bytes, (size_t)wanted.length) == 0;
}

/* An array of the request by its name, if it is there with the right elements. */
static const voxomics_array *find(const voxomics_request *request, voxomics_text name, uint32_t element) {
  uint64_t at;
  for (at = 0; at < request->count; at++) {
    const voxomics_array *array = request->arrays[at];
    if (is(array->name, name)) {
      return array->element == element ? array : NULL;
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
  const voxomics_array *threshold = find(request, TEXT("settings.threshold"), VOXOMICS_F64);
  hot *made;
  (void)host;
  if (!is(kind, TEXT("features")) || !is(id, TEXT("hot"))) {
    answer->fail(answer->state, VOXOMICS_FAILURE_UNKNOWN_ID, TEXT("this library has no such plugin"), TEXT(""));
    return NULL;
  }
  if (threshold == NULL || threshold->bytes != sizeof(double)) {
    answer->fail(answer->state, VOXOMICS_FAILURE_SETTING, TEXT("`threshold` is no number"), TEXT("threshold"));
    return NULL;
  }
  made = (hot *)malloc(sizeof *made);
  if (made == NULL) {
    answer->fail(answer->state, VOXOMICS_FAILURE_INPUT, TEXT("there is no memory"), TEXT(""));
    return NULL;
  }
  made->threshold = *(const double *)threshold->data;
  return made;
}

static uint32_t compute(const hot *self, const voxomics_request *request, const voxomics_answer *answer) {
  const voxomics_array *image = find(request, TEXT("image"), VOXOMICS_F64);
  const voxomics_array *mask = find(request, TEXT("intensity_mask"), VOXOMICS_U8);
  const uint64_t two = 2;
  const double *voxels;
  const uint8_t *inside;
  double *values;
  uint8_t *status;
  double sum = 0.0;
  uint64_t count = 0, hot_count = 0, at;
  int is_finite = 1;
  if (image == NULL || mask == NULL || image->bytes != mask->bytes * sizeof(double)) {
    answer->fail(answer->state, VOXOMICS_FAILURE_INPUT, TEXT("the request has no image with its mask"), TEXT(""));
    return 1;
  }
  voxels = (const double *)image->data;
  inside = (const uint8_t *)mask->data;
  for (at = 0; at < mask->bytes; at++) {
    if (inside[at] != 0) {
      count++;
      is_finite = is_finite && voxels[at] - voxels[at] == 0.0; /* of a NaN and of an infinity that is NaN */
      if (voxels[at] > self->threshold) {
        hot_count++;
        sum += voxels[at];
      }
    }
  }
  values = (double *)answer->array(answer->state, TEXT("values"), VOXOMICS_F64, 1, &two);
  status = (uint8_t *)answer->array(answer->state, TEXT("status"), VOXOMICS_U8, 1, &two);
  if (values == NULL || status == NULL) {
    answer->fail(answer->state, VOXOMICS_FAILURE_INPUT, TEXT("there is no memory"), TEXT(""));
    return 1;
  }
  if (!is_finite) {
    status[0] = status[1] = VOXOMICS_UNDEFINED;
    answer->json(answer->state, TEXT("{\"reasons\": {\"mean\": \"an intensity is not finite\","
                                     " \"fraction\": \"an intensity is not finite\"}}"));
    return 0;
  }
  if (hot_count > 0) {
    values[0] = sum / (double)hot_count;
  } else {
    status[0] = VOXOMICS_UNDEFINED;
    answer->json(answer->state, TEXT("{\"reasons\": {\"mean\": \"no voxel is above the threshold\"}}"));
  }
  if (count > 0) {
    values[1] = (double)hot_count / (double)count;
  } else {
    status[1] = VOXOMICS_UNDEFINED;
    answer->json(answer->state, TEXT("{\"reasons\": {\"mean\": \"the region has no voxel\","
                                     " \"fraction\": \"the region has no voxel\"}}"));
  }
  return 0;
}

static uint32_t call(void *instance, voxomics_text method, const voxomics_request *request, const voxomics_host *host,
                     const voxomics_answer *answer) {
  (void)host;
  if (is(method, TEXT("needs"))) {
    return 0; /* nothing beside image and masks */
  }
  if (is(method, TEXT("compute"))) {
    return compute((const hot *)instance, request, answer);
  }
  answer->fail(answer->state, VOXOMICS_FAILURE_UNSUPPORTED, TEXT("this family has no such method"), TEXT(""));
  return 1;
}

static void drop(void *instance) { free(instance); }

static const voxomics_library LIBRARY = {sizeof(voxomics_library), describe, configure, call, drop, NULL};

const void *voxomics_plugin_entry(uint32_t generation, uint32_t carrier) {
  return generation == VOXOMICS_GENERATION && carrier == VOXOMICS_CARRIER_C ? &LIBRARY : NULL;
}

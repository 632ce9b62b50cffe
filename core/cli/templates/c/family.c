/* A feature family: edit DESCRIPTION and `compute`. */

#include <stdlib.h>

#include "plugin.h"

static const char DESCRIPTION[] =
    "{\"version\": \"0.1.0\", \"vendor\": \"Your laboratory\", \"licence\": \"MIT OR Apache-2.0\", \"plugins\": [{"
    "\"kind\": \"features\", \"id\": \"NAME\", \"summary\": \"Voxels above a threshold\","
    "\"settings\": [{\"key\": \"threshold\", \"purpose\": \"intensity above which a voxel counts\", \"unit\": \"intensity\","
    " \"takes\": {\"number\": {\"min\": null, \"max\": null}}, \"default\": 100.0}],"
    "\"features\": [{\"id\": \"fraction\", \"title\": \"Fraction above the threshold\", \"unit\": \"1\","
    " \"meaning\": \"much of the region is above the threshold\","
    " \"equation\": \"voxels above the threshold / voxels of the intensity mask\"}],"
    "\"invariant\": [\"rotation\", \"mirroring\", \"translation\"]}]}";

/* A configured family. */
typedef struct family {
  double threshold;
} family;

static uint32_t describe(const voxomics_answer *answer) {
  answer->json(answer->state, TEXT(DESCRIPTION));
  return 0;
}

static void *configure(voxomics_text kind, voxomics_text id, const voxomics_request *request, const voxomics_host *host,
                       const voxomics_answer *answer) {
  family *made = (family *)malloc(sizeof *made);
  (void)host;
  if (made == NULL || !is(kind, TEXT("features")) || !is(id, TEXT("NAME"))) {
    answer->fail(answer->state, VOXOMICS_FAILURE_UNKNOWN_ID, TEXT("there is no such plugin here"), TEXT(""));
  } else if (!number(request, TEXT("settings.threshold"), &made->threshold)) {
    answer->fail(answer->state, VOXOMICS_FAILURE_SETTING, TEXT("`threshold` is no number"), TEXT("threshold"));
  } else {
    return made;
  }
  free(made);
  return NULL;
}

/* The values of a region, in the order of the features in the description. */
static uint32_t compute(const family *self, const voxomics_request *request, const voxomics_answer *answer) {
  const voxomics_array *image = find(request, TEXT("image"), VOXOMICS_F64);
  const voxomics_array *mask = find(request, TEXT("intensity_mask"), VOXOMICS_U8);
  const uint64_t one = 1;
  uint64_t count = 0, above = 0, at;
  double *values;
  uint8_t *status;
  if (image == NULL || mask == NULL || image->bytes != mask->bytes * sizeof(double)) {
    return fail(answer, TEXT("the request has no image with its mask"));
  }
  for (at = 0; at < mask->bytes; at++) {
    if (((const uint8_t *)mask->data)[at] != 0) {
      count++;
      above += ((const double *)image->data)[at] > self->threshold;
    }
  }
  values = (double *)answer->array(answer->state, TEXT("values"), VOXOMICS_F64, 1, &one);
  status = (uint8_t *)answer->array(answer->state, TEXT("status"), VOXOMICS_U8, 1, &one);
  if (values == NULL || status == NULL) {
    return fail(answer, TEXT("there is no memory"));
  }
  if (count == 0) {
    status[0] = VOXOMICS_UNDEFINED;
    answer->json(answer->state, TEXT("{\"reasons\": {\"fraction\": \"the region has no voxel\"}}"));
  } else {
    values[0] = (double)above / (double)count;
  }
  return 0;
}

static uint32_t call(void *instance, voxomics_text method, const voxomics_request *request, const voxomics_host *host,
                     const voxomics_answer *answer) {
  (void)host;
  if (is(method, TEXT("needs"))) {
    return 0; /* nothing beside image and masks */
  }
  return is(method, TEXT("compute")) ? compute((const family *)instance, request, answer) : no_method(answer);
}

static void drop(void *instance) { free(instance); }

static const voxomics_library LIBRARY = {sizeof(voxomics_library), describe, configure, call, drop, NULL};

const void *voxomics_plugin_entry(uint32_t generation, uint32_t carrier) {
  return generation == VOXOMICS_GENERATION && carrier == VOXOMICS_CARRIER_C ? &LIBRARY : NULL;
}

/* A filter: edit DESCRIPTION, `margin` and `apply`. */

#include <stdlib.h>

#include "plugin.h"

static const char DESCRIPTION[] =
    "{\"version\": \"0.1.0\", \"vendor\": \"Your laboratory\", \"licence\": \"MIT OR Apache-2.0\", \"plugins\": [{"
    "\"kind\": \"filter\", \"id\": \"NAME\", \"summary\": \"Adds a number to every voxel\","
    "\"settings\": [{\"key\": \"offset\", \"purpose\": \"what is added\", \"unit\": \"intensity\","
    " \"takes\": {\"number\": {\"min\": null, \"max\": null}}, \"default\": 1.0}]}]}";

/* A configured filter. */
typedef struct filter {
  double offset;
} filter;

static uint32_t describe(const voxomics_answer *answer) {
  answer->json(answer->state, TEXT(DESCRIPTION));
  return 0;
}

static void *configure(voxomics_text kind, voxomics_text id, const voxomics_request *request, const voxomics_host *host,
                       const voxomics_answer *answer) {
  filter *made = (filter *)malloc(sizeof *made);
  (void)host;
  if (made == NULL || !is(kind, TEXT("filter")) || !is(id, TEXT("NAME"))) {
    answer->fail(answer->state, VOXOMICS_FAILURE_UNKNOWN_ID, TEXT("there is no such plugin here"), TEXT(""));
  } else if (!number(request, TEXT("settings.offset"), &made->offset)) {
    answer->fail(answer->state, VOXOMICS_FAILURE_SETTING, TEXT("`offset` is no number"), TEXT("offset"));
  } else {
    return made;
  }
  free(made);
  return NULL;
}

/* How many voxels around a voxel, along x, y, z, its response depends on: none here. */
static uint32_t margin(const voxomics_answer *answer) {
  const uint64_t three = 3;
  uint64_t *reach = (uint64_t *)answer->array(answer->state, TEXT("margin"), VOXOMICS_U64, 1, &three);
  if (reach == NULL) {
    return fail(answer, TEXT("there is no memory"));
  }
  reach[0] = reach[1] = reach[2] = 0;
  return 0;
}

/* The response to an image: a value for each of its voxels. */
static uint32_t apply(const filter *self, const voxomics_request *request, const voxomics_answer *answer) {
  const voxomics_array *image = find(request, TEXT("image"), VOXOMICS_F64);
  uint64_t at;
  double *map;
  if (image == NULL || image->rank != 3) {
    return fail(answer, TEXT("the request has no image"));
  }
  map = (double *)answer->array(answer->state, TEXT("map.0"), VOXOMICS_F64, 3, image->dims);
  if (map == NULL) {
    return fail(answer, TEXT("there is no memory"));
  }
  for (at = 0; at < image->bytes / sizeof(double); at++) {
    map[at] = ((const double *)image->data)[at] + self->offset;
  }
  return 0;
}

static uint32_t call(void *instance, voxomics_text method, const voxomics_request *request, const voxomics_host *host,
                     const voxomics_answer *answer) {
  (void)host;
  if (is(method, TEXT("maps"))) {
    answer->json(answer->state, TEXT("{\"maps\": [\"\"], \"units\": [\"intensity\"]}"));
    return 0;
  }
  if (is(method, TEXT("margin"))) {
    return margin(answer);
  }
  return is(method, TEXT("apply")) ? apply((const filter *)instance, request, answer) : no_method(answer);
}

static void drop(void *instance) { free(instance); }

static const voxomics_library LIBRARY = {sizeof(voxomics_library), describe, configure, call, drop, NULL};

const void *voxomics_plugin_entry(uint32_t generation, uint32_t carrier) {
  return generation == VOXOMICS_GENERATION && carrier == VOXOMICS_CARRIER_C ? &LIBRARY : NULL;
}

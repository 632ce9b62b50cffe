/* A predictor: edit DESCRIPTION, INPUTS and `predict`. */

#include <stdlib.h>

#include "plugin.h"

static const char DESCRIPTION[] =
    "{\"version\": \"0.1.0\", \"vendor\": \"Your laboratory\", \"licence\": \"MIT OR Apache-2.0\", \"plugins\": [{"
    "\"kind\": \"predict\", \"id\": \"NAME\", \"summary\": \"The weighted mean intensity of the tumour\","
    "\"settings\": [{\"key\": \"weight\", \"purpose\": \"what the mean is multiplied with\","
    " \"takes\": {\"number\": {\"min\": null, \"max\": null}}, \"default\": 1.0}],"
    "\"card\": {\"intended_use\": \"An example: its score means nothing\"}}]}";

static const char INPUTS[] = "{\"inputs\": [\"tumour:statistics.mean\"]}";

/* A configured predictor. */
typedef struct predictor {
  double weight;
} predictor;

static uint32_t describe(const voxomics_answer *answer) {
  answer->json(answer->state, TEXT(DESCRIPTION));
  return 0;
}

static void *configure(voxomics_text kind, voxomics_text id, const voxomics_request *request, const voxomics_host *host,
                       const voxomics_answer *answer) {
  predictor *made = (predictor *)malloc(sizeof *made);
  (void)host;
  if (made == NULL || !is(kind, TEXT("predict")) || !is(id, TEXT("NAME"))) {
    answer->fail(answer->state, VOXOMICS_FAILURE_UNKNOWN_ID, TEXT("there is no such plugin here"), TEXT(""));
  } else if (!number(request, TEXT("settings.weight"), &made->weight)) {
    answer->fail(answer->state, VOXOMICS_FAILURE_SETTING, TEXT("`weight` is no number"), TEXT("weight"));
  } else {
    return made;
  }
  free(made);
  return NULL;
}

/* The score of a row of inputs, and what each input contributed to it. */
static uint32_t predict(const predictor *self, const voxomics_request *request, const voxomics_answer *answer) {
  const voxomics_array *values = find(request, TEXT("values"), VOXOMICS_F64);
  const voxomics_array *given = find(request, TEXT("status"), VOXOMICS_U8);
  const uint64_t one = 1;
  double *outputs, *contributions;
  uint8_t *status;
  if (values == NULL || given == NULL || values->bytes != sizeof(double) || given->bytes != 1) {
    return fail(answer, TEXT("the request has no input"));
  }
  outputs = (double *)answer->array(answer->state, TEXT("outputs"), VOXOMICS_F64, 1, &one);
  status = (uint8_t *)answer->array(answer->state, TEXT("status"), VOXOMICS_U8, 1, &one);
  contributions = (double *)answer->array(answer->state, TEXT("contributions"), VOXOMICS_F64, 1, &one);
  if (outputs == NULL || status == NULL || contributions == NULL) {
    return fail(answer, TEXT("there is no memory"));
  }
  if (*(const uint8_t *)given->data != VOXOMICS_OK) {
    status[0] = VOXOMICS_UNDEFINED;
    answer->json(answer->state, TEXT("{\"reasons\": {\"0\": \"tumour:statistics.mean has no value\"}}"));
    return 0;
  }
  outputs[0] = contributions[0] = self->weight * *(const double *)values->data;
  return 0;
}

static uint32_t call(void *instance, voxomics_text method, const voxomics_request *request, const voxomics_host *host,
                     const voxomics_answer *answer) {
  (void)host;
  if (is(method, TEXT("inputs"))) {
    answer->json(answer->state, TEXT(INPUTS));
    return 0;
  }
  return is(method, TEXT("predict")) ? predict((const predictor *)instance, request, answer) : no_method(answer);
}

static void drop(void *instance) { free(instance); }

static const voxomics_library LIBRARY = {sizeof(voxomics_library), describe, configure, call, drop, NULL};

const void *voxomics_plugin_entry(uint32_t generation, uint32_t carrier) {
  return generation == VOXOMICS_GENERATION && carrier == VOXOMICS_CARRIER_C ? &LIBRARY : NULL;
}

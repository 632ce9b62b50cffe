#include "testing.h"

int main(void) {
  const double threshold = 10, values[] = {5, 20, 40, 1};
  const uint8_t mask[] = {1, 1, 1, 1}, nothing[] = {0, 0, 0, 0};
  const uint64_t one = 1, dims[] = {2, 2, 1};
  const voxomics_array setting = test_given("settings.threshold", VOXOMICS_F64, &threshold, sizeof threshold, &one, 1);
  const voxomics_array image = test_given("image", VOXOMICS_F64, values, sizeof values, dims, 3);
  const voxomics_array inside = test_given("intensity_mask", VOXOMICS_U8, mask, sizeof mask, dims, 3);
  const voxomics_array none = test_given("intensity_mask", VOXOMICS_U8, nothing, sizeof nothing, dims, 3);
  const voxomics_array *settings[] = {&setting}, *region[] = {&image, &inside}, *empty[] = {&image, &none};
  const voxomics_request configured = test_request("{\"settings\": {\"threshold\": 10}}", settings, 1);
  const voxomics_request asked = test_request("{}", region, 2), of_nothing = test_request("{}", empty, 2);
  const voxomics_library *library = test_library();
  test_answer *answer = test_begin();
  void *family = library->configure(TEXT("features"), TEXT("NAME"), &configured, NULL, &answer->wire);
  CHECK(family != NULL);
  CHECK(library->call(family, TEXT("compute"), &asked, NULL, &answer->wire) == 0);
  CHECK(*(const double *)test_data(answer, "values", sizeof(double)) == 0.5);
  CHECK(*(const uint8_t *)test_data(answer, "status", 1) == VOXOMICS_OK);
  test_end(answer);

  answer = test_begin();
  CHECK(library->call(family, TEXT("compute"), &of_nothing, NULL, &answer->wire) == 0);
  CHECK(*(const uint8_t *)test_data(answer, "status", 1) == VOXOMICS_UNDEFINED);
  CHECK(strstr(answer->json, "no voxel") != NULL);
  test_end(answer);
  library->drop(family);
  return 0;
}

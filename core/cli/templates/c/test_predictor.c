#include "testing.h"

int main(void) {
  const double weight = 2, value = 2.5;
  const uint8_t sound = VOXOMICS_OK, gone = VOXOMICS_UNDEFINED;
  const uint64_t one = 1;
  const voxomics_array setting = test_given("settings.weight", VOXOMICS_F64, &weight, sizeof weight, &one, 1);
  const voxomics_array values = test_given("values", VOXOMICS_F64, &value, sizeof value, &one, 1);
  const voxomics_array given = test_given("status", VOXOMICS_U8, &sound, 1, &one, 1);
  const voxomics_array missing = test_given("status", VOXOMICS_U8, &gone, 1, &one, 1);
  const voxomics_array *settings[] = {&setting}, *row[] = {&values, &given}, *hole[] = {&values, &missing};
  const voxomics_request configured = test_request("{\"settings\": {\"weight\": 2}}", settings, 1);
  const voxomics_request asked = test_request("{}", row, 2), of_hole = test_request("{}", hole, 2);
  const voxomics_library *library = test_library();
  test_answer *answer = test_begin();
  void *predictor = library->configure(TEXT("predict"), TEXT("NAME"), &configured, NULL, &answer->wire);
  CHECK(predictor != NULL);
  CHECK(library->call(predictor, TEXT("predict"), &asked, NULL, &answer->wire) == 0);
  CHECK(*(const double *)test_data(answer, "outputs", sizeof(double)) == 5);
  test_end(answer);

  answer = test_begin();
  CHECK(library->call(predictor, TEXT("predict"), &of_hole, NULL, &answer->wire) == 0);
  CHECK(*(const uint8_t *)test_data(answer, "status", 1) == VOXOMICS_UNDEFINED && strstr(answer->json, "no value") != NULL);
  test_end(answer);
  library->drop(predictor);
  return 0;
}

// What the driver without a card is to be, or to do wrong.
#pragma once
#include <string>

/**
 * A setting: what siren_test_set gave it, else the environment.
 *
 * SIREN_TEST_GPUS             number of devices; 1
 * SIREN_TEST_CUDA_NAMES       their names, by commas, the last for all that follow
 * SIREN_TEST_CUDA_CAPABILITY  their compute capabilities likewise; 9.0
 * SIREN_TEST_CUDA_MEMORY      bytes of each; 2^30
 * SIREN_TEST_CUDA_VERSION     the newest CUDA that the driver knows; 13000
 * SIREN_TEST_CUDA_FAIL        calls that fail, by commas: cuLaunchKernel:3=719 the third time, with that
 *                             result; without a number each time, without a result with a usual one
 * CUDA_VISIBLE_DEVICES        as for the real one
 */
std::string setting(const std::string& name, const std::string& otherwise);

/** Whether a call is to fail now: its result, or 0. Counts the calls. */
int failureOf(const std::string& call);

// Runs the threads of a block as fibres.
#pragma once
#include <functional>
#include <string>

/**
 * Runs all blocks of a launch, one after the other.
 *
 * @param threads Threads of a block: whole warps, at most 1024.
 * @param kernel Does what one thread does.
 * @returns What went wrong, in words; nothing if nothing did.
 */
std::string runBlocks(unsigned blocks, unsigned threads, const std::function<void()>& kernel);

// See fibres.hpp and device.hpp.
#include "fibres.hpp"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <new>

#include "device.hpp"

__thread Index blockIdx, threadIdx;

namespace {

constexpr unsigned WARP = 32, MAX_THREADS = 1024;
constexpr std::size_t STACK = 128 * 1024;

enum class State { RUNS, AT_BARRIER, WITH_WARP, ENDED };

struct Fibre {
  State state = State::ENDED;
  /** Whether it has a stack on which it waits for the next block. */
  bool isMade = false;
  char* stack = nullptr;
  /** Where it goes on. */
  jmp_buf at;
};

struct Warp {
  /** In turns, because a lane may be at the next before another has read what came of this one. */
  Together together[2];
  unsigned turn = 0, arrived = 0;
};

/** The block that runs; its fibres serve all blocks of this thread of the operating system. */
struct Block {
  Fibre fibres[MAX_THREADS];
  Warp warps[MAX_THREADS / WARP];
  /** The fibre that runs. */
  unsigned current = 0;
  /** Whether one does, for the signal handler. */
  volatile sig_atomic_t isInFibre = 0;
  jmp_buf scheduler;
  const std::function<void()>* kernel = nullptr;
  const char* fault = nullptr;

  ~Block() {
    for (Fibre& fibre : fibres) {
      if (fibre.stack != nullptr) munmap(fibre.stack, STACK);
    }
  }
};

/** That of this thread; a plain pointer, which takes no asking whether it is there. */
__thread Block* own = nullptr;

/** What a fibre tells the scheduler. */
enum { GIVES_WAY = 1, FAILS = 2 };

/** Gives way, and comes back when the scheduler picks this fibre again. */
void wait(State state) {
  Block& block = *own;
  Fibre& fibre = block.fibres[block.current];
  fibre.state = state;
  // Without the signal mask, which swapcontext would ask the kernel for each time.
  if (_setjmp(fibre.at) != 0) return;
  // The next lane of the warp, without asking the scheduler.
  const unsigned next = block.current + 1;
  if (next % WARP != 0 && block.fibres[next].state == State::RUNS && block.fibres[next].isMade) {
    block.current = next;
    threadIdx.x = next;
    _longjmp(block.fibres[next].at, 1);
  }
  _longjmp(block.scheduler, GIVES_WAY);
}

[[noreturn]] void fail(const char* fault) {
  own->fault = fault;
  _longjmp(own->scheduler, FAILS);
}

/** What a fibre does on its stack: its part of one block after the other. */
void live() {
  for (;;) {
    (*own->kernel)();
    wait(State::ENDED);
  }
}

void makeFibre(Fibre& fibre, unsigned index, ucontext_t& start) {
  if (fibre.stack == nullptr) {
    void* const stack = mmap(nullptr, STACK, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) throw std::bad_alloc();
    fibre.stack = static_cast<char*>(stack);
    mprotect(stack, getpagesize(), PROT_NONE);  // it must not grow into what lies below
  }
  getcontext(&start);
  start.uc_stack.ss_sp = fibre.stack;
  // Not all at the same place of a page: they would push each other out of the processor's cache.
  start.uc_stack.ss_size = STACK - index % 128 * 448;
  start.uc_link = nullptr;
  makecontext(&start, live, 0);
  fibre.isMade = true;
}

/** Runs a fibre until it waits or ends; says GIVES_WAY or FAILS. */
int resume(Block& block, unsigned index) {
  block.current = index;
  threadIdx.x = index;
  const int said = _setjmp(block.scheduler);
  if (said == 0) {
    block.isInFibre = 1;
    Fibre& fibre = block.fibres[index];
    if (fibre.isMade) _longjmp(fibre.at, 1);
    ucontext_t start;
    makeFibre(fibre, index, start);
    setcontext(&start);
  }
  block.isInFibre = 0;
  return said;
}

struct sigaction before;

/** Behind each allocation lies a page that cannot be read (memory.hpp). */
void onFault(int number, siginfo_t* info, void* context) {
  if (own != nullptr && own->isInFibre) fail("a thread reads or writes where no memory is");
  if (before.sa_flags & SA_SIGINFO) before.sa_sigaction(number, info, context);
  else if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN) signal(number, SIG_DFL);
  else before.sa_handler(number);
}

void watchFaults() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action = {};
    action.sa_sigaction = onFault;
    // The handler does not return, so that the signal would stay blocked.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(SIGSEGV, &action, &before);
  });
}

/** Runs the fibres of a block until all have ended. */
void runBlock(Block& block, unsigned threads) {
  for (unsigned i = 0; i < threads; i++) block.fibres[i].state = State::RUNS;
  for (unsigned i = 0; i < threads / WARP; i++) block.warps[i].arrived = 0;
  for (unsigned phase = blockIdx.x;; phase++) {
    // Now in one order, now in the other, so that a barrier that is missing is missed.
    const unsigned flip = phase % 2 ? threads - 1 : 0;
    for (unsigned first = 0; first < threads; first += WARP) {
      for (bool runs = true; runs;) {
        runs = false;
        for (unsigned i = first; i < first + WARP; i++) {
          const unsigned index = flip ? flip - i : i;
          if (block.fibres[index].state != State::RUNS) continue;
          runs = true;
          if (resume(block, index) == FAILS) return;
        }
      }
    }
    bool allEnded = true;
    for (unsigned i = 0; i < threads; i++) {
      Fibre& fibre = block.fibres[i];
      if (fibre.state == State::WITH_WARP) {
        block.fault = "a warp waits for lanes that do something else";
        return;
      }
      if (fibre.state == State::AT_BARRIER) {
        fibre.state = State::RUNS;
        allEnded = false;
      }
    }
    if (allEnded) return;
  }
}

/**
 * mma.m16n8k32 of bytes, with the PTX ISA's fragments: of a lane, with g = lane / 4 and q = lane % 4,
 * a0 to a15 are in row g where i < 4 or 8 <= i < 12, else g + 8; column 4 q + i % 4, 16 more from i = 8 on;
 * b0 to b7 in row 4 q + i % 4, 16 more from i = 4 on; column g;
 * c0 to c3 in row g where i < 2, else g + 8; column 2 q + i % 2.
 */
void multiply(Together& warp) {
  std::int16_t a[16][32], b[8][32];  // b by columns; wider than bytes, which the compiler likes
  for (unsigned lane = 0; lane < WARP; lane++) {
    const unsigned g = lane / 4, q = lane % 4;
    const unsigned* const in = warp.in[lane];
    for (unsigned i = 0; i < 16; i++) {
      const unsigned row = i < 4 || (8 <= i && i < 12) ? g : g + 8;
      const unsigned column = 4 * q + i % 4 + (i >= 8 ? 16 : 0);
      a[row][column] = in[i / 4] >> 8 * (i % 4) & 0xff;
    }
    for (unsigned i = 0; i < 8; i++) {
      const unsigned row = 4 * q + i % 4 + (i >= 4 ? 16 : 0);
      b[g][row] = in[4 + i / 4] >> 8 * (i % 4) & 0xff;
    }
  }
  for (unsigned lane = 0; lane < WARP; lane++) {
    const unsigned g = lane / 4, q = lane % 4;
    for (unsigned i = 0; i < 4; i++) {
      const unsigned row = i < 2 ? g : g + 8, column = 2 * q + i % 2;
      int sum = 0;
      for (unsigned k = 0; k < 32; k++) sum += a[row][k] * b[column][k];
      warp.out[lane][i] = warp.in[lane][6 + i] + sum;
    }
  }
}

/** What comes of what the lanes of a warp handed in. */
void conclude(Together& warp) {
  if (warp.kind == Together::MULTIPLY) return multiply(warp);
  unsigned ballot = 0;
  for (unsigned lane = 0; lane < WARP; lane++) {
    if (warp.in[lane][0] != 0) ballot |= 1u << lane;
    if (warp.in[lane][1] != 0xffffffff) fail("a warp's mask does not name all lanes");
  }
  for (unsigned lane = 0; lane < WARP; lane++) {
    const unsigned distance = warp.in[lane][2];
    warp.out[lane][0] = warp.kind == Together::BALLOT
        ? ballot
        : warp.in[distance > lane ? lane : lane - distance][0];
  }
}

}  // namespace

void __syncthreads() { wait(State::AT_BARRIER); }

const unsigned* together(Together::Kind kind, const unsigned* in, unsigned words) {
  Block& block = *own;
  const unsigned lane = block.current % WARP, first = block.current - lane;
  Warp& warp = block.warps[first / WARP];
  Together& here = warp.together[warp.turn % 2];
  if (warp.arrived > 0 && here.kind != kind) fail("the lanes of a warp do different things");
  here.kind = kind;
  std::memcpy(here.in[lane], in, words * sizeof *in);
  if (++warp.arrived < WARP) {
    wait(State::WITH_WARP);
  } else {
    conclude(here);
    warp.arrived = 0;
    warp.turn++;
    for (unsigned i = first; i < first + WARP; i++) {
      if (block.fibres[i].state == State::WITH_WARP) block.fibres[i].state = State::RUNS;
    }
  }
  return here.out[lane];
}

std::string runBlocks(unsigned blocks, unsigned threads, const std::function<void()>& kernel) {
  watchFaults();
  static thread_local std::unique_ptr<Block> held;
  if (held == nullptr) held = std::make_unique<Block>();
  own = held.get();
  Block& block = *own;
  block.kernel = &kernel;
  block.fault = nullptr;
  for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) {
    runBlock(block, threads);
    if (block.fault == nullptr) continue;
    // Whatever they were at, they begin anew.
    for (Fibre& fibre : block.fibres) fibre.isMade = false;
    return block.fault;
  }
  return "";
}

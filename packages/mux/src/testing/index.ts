export { type FuzzResult, fuzz, fuzzCommand } from './fuzz-runner.ts';
export { Lane } from './lane.ts';
export { ManualClock } from './manual-clock.ts';
export { Random } from './random.ts';
export { Path, RESUME_MS, ResumePair } from './resume-pair.ts';
export { freshRequest, REQUEST, Recorder, SMALL_WINDOW, StreamPair } from './stream-pair.ts';
export { until } from './until.ts';
export { bytesOf, frameOf, VECTORS, type Vector } from './vectors.ts';

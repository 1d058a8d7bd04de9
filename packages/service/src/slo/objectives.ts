import { CulvertError } from '@culvert/base';
import { Objectives, type SloName } from '@culvert/contracts';
import { SETUP_BOUNDS_MS } from '@culvert/telemetry';
import { Value } from 'typebox/value';

/** What holds unless the configuration says otherwise. */
export const DEFAULT_OBJECTIVES: Objectives = {
  window: '30d',
  connection_success: { target: 0.999 },
  session_availability: { target: 0.999 },
  setup: { target: 0.99, withinMs: 500 },
  lost_connections: { target: 0.9999 },
};

/** Whether an objective is about being there, or about going on. */
export const ABOUT: Readonly<Record<SloName, 'availability' | 'reliability'>> = {
  connection_success: 'availability',
  session_availability: 'availability',
  setup: 'availability',
  lost_connections: 'reliability',
};

/**
 * Objectives from JSON: what is left out is as in DEFAULT_OBJECTIVES. @throws CulvertError config_invalid, which names each
 * wrong entry by its path
 */
export function parseObjectives(text: string): Objectives {
  const given = readJson(text);
  const filled = fill(DEFAULT_OBJECTIVES, given);
  if (Value.Check(Objectives, filled)) {
    checkBound(filled.setup.withinMs);
    return filled;
  }
  const wrong = [...Value.Errors(Objectives, filled)].map(
    ({ instancePath, message, params }) => `${instancePath || '/'}: ${message}${unknownNames(params)}`,
  );
  throw invalid([...new Set(wrong)].slice(0, 20).join('; '));
}

/** An objective in words. */
export function describeObjective(name: SloName, objectives: Objectives): string {
  const share = formatShare(objectives[name].target);
  switch (name) {
    case 'connection_success':
      return `${share} of the connections that are asked for open`;
    case 'session_availability':
      return `sessions can be used ${share} of the time`;
    case 'setup':
      return `${share} of the connections open within ${objectives.setup.withinMs} ms`;
    case 'lost_connections':
      return `${share} of the connections do not break off`;
  }
}

/** `99.9 %`; as many digits as a target needs. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toFixed(6))} %`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`no JSON: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

/** What is given over what is usual; a value of another kind stays as it is given, to be complained of. */
function fill(usual: object, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const merged: Record<string, unknown> = { ...usual };
  for (const [name, value] of Object.entries(given)) {
    const base: unknown = Object.hasOwn(usual, name) ? merged[name] : undefined;
    merged[name] = typeof base === 'object' && base !== null ? fill(base, value) : value;
  }
  return merged;
}

/** Counts are kept by classes: between two bounds nobody knows how many were fast enough. */
function checkBound(withinMs: number): void {
  if (SETUP_BOUNDS_MS.some((bound) => bound === withinMs)) return;
  throw invalid(`/setup/withinMs: must be one of ${SETUP_BOUNDS_MS.join(', ')}`);
}

function unknownNames(params: object): string {
  const names: unknown = 'additionalProperties' in params ? params.additionalProperties : undefined;
  return Array.isArray(names) ? ` (${names.join(', ')})` : '';
}

function invalid(what: string, cause?: unknown): CulvertError {
  return new CulvertError('config_invalid', `the objectives are wrong: ${what}`, {
    fix: 'See docs/SLO.md for what they look like.',
    cause,
  });
}

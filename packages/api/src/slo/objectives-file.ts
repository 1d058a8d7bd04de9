import { readFileSync } from 'node:fs';
import { CulvertError } from '@culvert/base';
import type { Objectives } from '@culvert/contracts';
import { DEFAULT_OBJECTIVES, type Option, type Parser, parseObjectives } from '@culvert/service';

/** Reads the file that is named; what is wrong in it is told by its path, not only that something is. */
const objectivesFile: Parser<Objectives> = {
  expects: 'the path of a JSON file of objectives',
  parse: (path) => {
    try {
      return parseObjectives(readFileSync(path, 'utf8'));
    } catch (error) {
      const { fix, message } = error instanceof CulvertError ? error : { fix: undefined, message: String(error) };
      throw new CulvertError('config_invalid', `--slo / CULVERT_SLO: ${path}: ${message}`, {
        cause: error,
        ...(fix === undefined ? {} : { fix }),
      });
    }
  },
  print: () => 'built in',
};

export const sloOption: Option<Objectives> = {
  flag: '--slo',
  env: 'CULVERT_SLO',
  parser: objectivesFile,
  default: DEFAULT_OBJECTIVES,
  doc: 'file of the service-level objectives, JSON',
};

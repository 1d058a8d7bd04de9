import { type Static, Type } from 'typebox';
import { Nullable } from './fields.ts';
import { NodeHealth } from './live.ts';
import { NodeRole } from './nodes.ts';
import { RegistryStatus } from './registry.ts';

/** Pages of others that know more; `{session}`, `{connection}`, `{deployment}`, `{trace}` stand for ids. */
export const AboutLinks = Type.Object({
  logs: Nullable(Type.String()),
  traces: Nullable(Type.String()),
  dashboards: Nullable(Type.String()),
});
export type AboutLinks = Static<typeof AboutLinks>;

/** `GET /about`: what runs here, and how it is. */
export const About = Type.Object({
  version: Type.String({ description: 'Of the API that answers.' }),
  node: Type.String({ description: 'The API that answers.' }),
  runtime: Type.String(),
  publicUrl: Type.String(),
  registry: RegistryStatus,
  processes: Type.Array(
    Type.Object({
      id: Type.String(),
      role: NodeRole,
      version: Type.String(),
      pool: Type.String(),
      state: Type.String(),
      host: Type.String(),
      pid: Type.Integer(),
      admin: Type.String(),
      startedAt: Nullable(Type.String()),
      health: NodeHealth,
    }),
  ),
  versions: Type.Array(
    Type.Object({ version: Type.String(), processes: Type.Integer() }, { description: 'Those that run side by side.' }),
  ),
  links: AboutLinks,
});
export type About = Static<typeof About>;

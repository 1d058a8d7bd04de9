import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createMetrics } from '@culvert/telemetry/testing';
import fastify from 'fastify';
import { meterRequests } from './http-metrics.ts';

it('requests are counted by the pattern of their route, whatever is asked for, and event streams are not', async () => {
  const telemetry = createMetrics({ role: 'api', version: '1.2.3', node_id: 'api-1' });
  const app = fastify();
  meterRequests(app, telemetry.meter);
  app.get('/things/:id', async () => 'here');
  app.get('/events', async (_request, reply) => reply.type('text/event-stream').send('data: 1\n\n'));
  for (let i = 0; i < 30; i += 1) await app.inject(`/things/t${i}?q=${i}`);
  for (let i = 0; i < 30; i += 1) await app.inject(`/nothing/${i}`);
  await app.inject('/events');
  const lines = (await telemetry.text()).split('\n');
  assert.deepEqual(
    lines.filter((line) => line.startsWith('http_server_request_duration_seconds_count')),
    [
      ['/things/:id', 200],
      ['~none', 404],
    ].map(
      ([route, status]) =>
        'http_server_request_duration_seconds_count' +
        `{http_request_method="GET",http_route="${route}",http_response_status_code="${status}"} 30`,
    ),
  );
  await app.close();
  await telemetry.close();
});

// A load test that can't pass, for the tests of the tool: nobody answers within no time.
import type { LoadOptions, Vu } from '../index.ts';

export const options: LoadOptions = {
  agents: 1,
  vus: 1,
  iterations: 2,
  thresholds: { 'http_req_duration{kind:http}': ['max<0.001'], http_req_failed: ['rate==0'] },
};

export default async function request(vu: Vu): Promise<void> {
  const response = await vu.http.get('/hello');
  vu.check(response, { 'hello is answered': ({ status }) => status === 200 });
}

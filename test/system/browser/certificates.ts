import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../support/debian-program.ts';

const run = promisify(execFile);
const DAYS = '2';
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** What a private app with a company's own CA has. All in PEM, save the key's hash. */
export interface PrivateCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate's public key, base64. */
  readonly spki: string;
}

/** Makes a CA, and with it a certificate for `host`. */
export async function makeCertificate(host: string): Promise<PrivateCertificate> {
  const program = { names: ['openssl'], package: 'openssl', variable: 'CULVERT_OPENSSL' };
  const binary = await findProgram(program);
  const folder = await mkdtemp(join(tmpdir(), 'culvert-ca-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<unknown> => run(binary, args, { cwd: folder });
  try {
    const authority = ['-subj', '/CN=A private CA', '-addext', 'keyUsage=critical,keyCertSign'];
    await openssl('req', '-x509', ...EC_KEY, '-days', DAYS, ...authority, '-keyout', 'ca.key', '-out', 'ca.pem');
    await openssl('req', ...EC_KEY, '-subj', `/CN=${host}`, '-keyout', 'app.key', '-out', 'app.csr');
    await writeFile(at('app.ext'), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`);
    const issuer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'app.ext'];
    await openssl('x509', '-req', '-in', 'app.csr', ...issuer, '-days', DAYS, '-out', 'app.pem');
    const [ca, cert, key] = await Promise.all(
      ['ca.pem', 'app.pem', 'app.key'].map((name) => readFile(at(name), 'utf8')),
    );
    if (!ca || !cert || !key) throw new Error('openssl wrote nothing');
    const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
    return { ca, cert, key, spki: createHash('sha256').update(publicKey).digest('base64') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

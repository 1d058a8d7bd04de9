import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** PEM texts of a CA and of a server's certificate that it signed. */
export interface TestCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const VALID_MS = 24 * 3_600_000;

/** Certificates for 127.0.0.1 and `localhost`, valid for a day: made here, so that no program has to be installed. */
export function makeCertificates(): TestCertificates {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const addresses = sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, Buffer.from([127, 0, 0, 1])));
  return {
    ca: certificate('Test CA', ca.publicKey, ca.privateKey, [
      BASIC_CONSTRAINTS,
      sequence(tlv(0x01, Buffer.from([0xff]))),
    ]),
    cert: certificate('localhost', server.publicKey, ca.privateKey, [SUBJECT_ALT_NAME, addresses]),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

// X.509 in DER: each value is a tag, a length and its content.
const OID = 0x06;
const ECDSA_WITH_SHA256 = sequence(tlv(OID, Buffer.from('2a8648ce3d040302', 'hex')));
const COMMON_NAME = tlv(OID, Buffer.from('550403', 'hex'));
const BASIC_CONSTRAINTS = tlv(OID, Buffer.from('551d13', 'hex'));
const SUBJECT_ALT_NAME = tlv(OID, Buffer.from('551d11', 'hex'));

function certificate(
  subject: string,
  publicKey: KeyObject,
  signer: KeyObject,
  [extension, value]: readonly [Buffer, Buffer],
): string {
  const now = Date.now();
  const toBeSigned = sequence(
    tlv(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    name('Test CA'),
    sequence(time(now - VALID_MS), time(now + VALID_MS)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(sequence(extension, tlv(0x04, value)))),
  );
  const signature = tlv(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, signer)]));
  const der = sequence(toBeSigned, ECDSA_WITH_SHA256, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const header = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}

function sequence(...items: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(items));
}

function integer(bytes: Buffer): Buffer {
  return tlv(0x02, bytes);
}

function name(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(commonName)))));
}

/** GeneralizedTime: `20260131235959Z`. */
function time(ms: number): Buffer {
  return tlv(0x18, Buffer.from(`${new Date(ms).toISOString().slice(0, 19).replace(/\D/g, '')}Z`));
}

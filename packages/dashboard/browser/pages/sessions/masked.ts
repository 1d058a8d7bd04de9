/** The text as it may be read over a shoulder; the dots tell nothing of the secret’s length. */
export function masked(text: string, secret: string): string {
  return secret === '' ? text : text.replaceAll(secret, '••••••••');
}

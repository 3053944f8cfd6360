/** Numbers as Go writes them in YAML: whole ones as digits, others with an exponent where it is large or small. */

const wholeMax = 2 ** 64;
const plainExponentMin = -4;
const plainExponentEnd = 6;

export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < wholeMax) {
    return Object.is(value, -0) ? '-0' : BigInt(value).toString();
  }
  const [digits, exponentText] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= plainExponentMin && exponent < plainExponentEnd) return String(value);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}

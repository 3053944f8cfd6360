/** Formats of strings that are numbers with a check digit, and of colours. */

export function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  return sum([...digits], (digit, i) => (10 - i) * (digit === 'X' ? 10 : Number(digit))) % 11 === 0;
}

export function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  return (
    /^\d{13}$/.test(digits) &&
    sum([...digits], (digit, i) => Number(digit) * (i % 2 === 0 ? 1 : 3)) % 10 === 0
  );
}

const cardNumber =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;

/** With Luhn's check digit. */
export function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D+/g, '');
  if (!cardNumber.test(digits)) return false;
  const luhn = (digit: string, i: number) => {
    const doubled = Number(digit) * (i % 2 === 1 ? 2 : 1);
    return doubled > 9 ? doubled - 9 : doubled;
  };
  return sum([...digits].reverse(), luhn) % 10 === 0;
}

export function isHexColor(text: string): boolean {
  return /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text);
}

export function isRgbColor(text: string): boolean {
  const [, ...parts] = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text) ?? [];
  return parts.length === 3 && parts.every((part) => Number(part) <= 255 && String(Number(part)) === part);
}

function sum(digits: readonly string[], value: (digit: string, i: number) => number): number {
  return digits.reduce((total, digit, i) => total + value(digit, i), 0);
}

import { unreachable } from '../core/assert.ts';
import type * as ast from './ast.ts';
import { printIdentifier } from './print-name.ts';

/** `place` is what may stand there without parentheses: an alternation, a sequence, or one part of it. */
export function printPattern(pattern: ast.Pattern, place: 'Alternation' | 'Sequence' | 'Factor' | 'Atom'): string {
  switch (pattern.kind) {
    case 'Variable':
      return printIdentifier(pattern.name);
    case 'Anchor':
      return pattern.at;
    case 'Exclusion':
      return `{- ${printPattern(pattern.part, 'Alternation')} -}`;
    case 'Permutation':
      return `PERMUTE(${pattern.parts.map((part) => printPattern(part, 'Alternation')).join(', ')})`;
    case 'Alternation': {
      const text = pattern.parts.map((part) => printPattern(part, 'Sequence')).join(' | ');
      return place === 'Alternation' ? text : `(${text})`;
    }
    case 'Sequence': {
      const text = pattern.parts.map((part) => printPattern(part, 'Factor')).join(' ');
      return place === 'Alternation' || place === 'Sequence' ? text : `(${text})`;
    }
    case 'Repetition': {
      const { least, most } = pattern;
      const text = `${printPattern(pattern.part, 'Atom')}{${least === most ? least : `${least},${most ?? ''}`}}${pattern.reluctant ? '?' : ''}`;
      return place === 'Atom' ? `(${text})` : text;
    }
    default:
      return unreachable(pattern);
  }
}

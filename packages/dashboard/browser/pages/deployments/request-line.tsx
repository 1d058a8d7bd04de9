import { Field } from '../../ui/field.tsx';
import type { Problems, RequestForm } from './request-form.ts';

export interface RequestFieldsProps {
  readonly form: RequestForm;
  readonly problems: Problems;
  readonly change: (changed: Partial<RequestForm>) => void;
  /** Settings that have no sense where nobody looks on: those of a schedule. */
  readonly unattended?: boolean;
}

type TextField = { [K in keyof RequestForm]: RequestForm[K] extends string ? K : never }[keyof RequestForm];

/** One line, bound to its field of the form. */
export function Line({
  name,
  label,
  placeholder,
  hint,
  form,
  problems,
  change,
}: RequestFieldsProps & { name: TextField; label: string; placeholder?: string; hint?: string }) {
  return (
    <Field
      label={label}
      value={form[name]}
      onInput={(value) => change({ [name]: value })}
      problem={problems[name]}
      spellcheck={false}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(hint === undefined ? {} : { hint })}
    />
  );
}

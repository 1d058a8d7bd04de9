import type { ComponentChildren } from 'preact';

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: () => void;
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  readonly type?: 'button' | 'submit';
  /** Under way: it can't be pressed again. */
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** For a button whose text does not say it all. */
  readonly label?: string;
}

export function Button({
  children,
  onClick,
  kind = 'plain',
  type = 'button',
  busy = false,
  disabled,
  label,
}: ButtonProps) {
  return (
    <button
      type={type}
      class={`button ${kind}`}
      onClick={onClick}
      disabled={disabled === true || busy}
      aria-busy={busy}
      aria-label={label}
    >
      {children}
    </button>
  );
}

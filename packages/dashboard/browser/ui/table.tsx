import type { ComponentChildren } from 'preact';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly numeric?: boolean;
  /** Left out where it is narrow. */
  readonly minor?: boolean;
}

interface TableProps<T> {
  /** Says what is listed; read aloud, not shown. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

/** Rows of the same kind; the first column is the row's heading. Wide ones scroll by themselves. */
export function Table<T>({ caption, columns, rows, keyOf }: TableProps<T>) {
  const classOf = ({ numeric, minor }: Column<T>): string =>
    `${numeric ? 'number' : ''} ${minor ? 'minor' : ''}`.trim();
  return (
    // Scrollable by keyboard only if it can have the focus.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
    <section class="table" tabIndex={0} aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.title} scope="row" class={classOf(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.title} class={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

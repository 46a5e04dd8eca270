/** What the list shows and in which order; and what can be done to the selected tasks. */
import { keepFocus } from "../parts/focus";
import { Icon } from "../parts/icon";
import { tags } from "../store/tasks";
import { number, texts } from "../texts";
import { removeAll, tick } from "./actions";
import { chooseSorting, counts, FILTERS, filter, SORTINGS, search, shown, sorting, tag } from "./filters";
import { moving } from "./moving";
import { clearSelection, isSelecting, selectAll, selected } from "./selection";

export function Filters() {
  const t = texts.value.tasks;
  return (
    <div class="tools">
      <fieldset class="segments">
        <legend class="unseen">{t.filters}</legend>
        {FILTERS.map((name) => (
          <label key={name} title={name === "soon" ? t.soonHint : undefined}>
            <input
              type="radio"
              name="filter"
              checked={filter.value === name}
              onChange={() => {
                filter.value = name;
              }}
            />
            {t.filter[name]}
            <span class="count">{number(counts.value[name])}</span>
          </label>
        ))}
      </fieldset>
      <div class="tools-right">
        <div class="search">
          <Icon name="search" />
          <input
            id="search"
            type="search"
            placeholder={t.search}
            aria-label={t.search}
            value={search.value}
            onInput={(event) => {
              search.value = event.currentTarget.value;
            }}
          />
        </div>
        <button
          type="button"
          aria-pressed={isSelecting.value}
          onClick={() => {
            isSelecting.value = !isSelecting.value;
            if (!isSelecting.value) clearSelection();
          }}
        >
          <Icon name="select" />
          {isSelecting.value ? t.selectEnd : t.select}
        </button>
        <select
          aria-label={t.tag}
          value={tag.value ?? ""}
          onChange={(event) => {
            tag.value = event.currentTarget.value || null;
          }}
        >
          <option value="">{t.anyTag}</option>
          {[...new Set([...tags.value, ...(tag.value === null ? [] : [tag.value])])].map((name) => (
            <option key={name} value={name}>
              #{name}
            </option>
          ))}
        </select>
        <select
          aria-label={t.sort}
          value={sorting.value}
          onChange={(event) => chooseSorting(SORTINGS.find((one) => one === event.currentTarget.value) ?? "newest")}
        >
          {SORTINGS.map((name) => (
            <option key={name} value={name}>
              {t.sorting[name]}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

export function SelectionBar() {
  const t = texts.value.tasks;
  const some = selected.value;
  if (!some.length && !isSelecting.value) return null;
  const areDone = some.length > 0 && some.every((task) => task.completed);
  const finish = () => {
    keepFocus();
    clearSelection();
    isSelecting.value = false;
  };
  return (
    <section class="selection" aria-label={t.selected(some.length)}>
      <strong role="status">{t.selected(some.length)}</strong>
      <button type="button" onClick={selectAll} disabled={some.length === shown.value.length}>
        {t.selectAll}
      </button>
      <button
        type="button"
        disabled={!some.length}
        onClick={() => {
          tick(some, !areDone);
          finish();
        }}
      >
        <Icon name="check" />
        {areDone ? t.untick : t.tick}
      </button>
      <button
        type="button"
        disabled={!some.length}
        onClick={() => {
          moving.value = some;
        }}
      >
        <Icon name="move" />
        {t.move}
      </button>
      <button
        type="button"
        disabled={!some.length}
        onClick={() => {
          removeAll(some);
          finish();
        }}
      >
        <Icon name="delete" />
        {t.delete}
      </button>
      <button type="button" class="quiet icon-button" aria-label={t.clear} onClick={finish}>
        <Icon name="close" />
      </button>
    </section>
  );
}

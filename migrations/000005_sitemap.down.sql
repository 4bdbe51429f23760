DROP INDEX posts_series_date_idx, posts_sitemap_idx;
